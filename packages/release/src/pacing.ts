import { makeDeadline, type Deadline } from "./deadline.ts";
import type { Answer, Clock } from "./ports.ts";

export interface PacingOptions {
  readonly startConcurrency: number;
  readonly maximumConcurrency: number;
  /** The first wait before a retry; doubled each time up to the longest. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** A registry's Retry-After beyond this is not obeyed. */
  readonly retryAfterCapMs: number;
}

export const defaultPacing: PacingOptions = {
  startConcurrency: 8,
  maximumConcurrency: 16,
  firstWaitMs: 500,
  longestWaitMs: 30_000,
  retryAfterCapMs: 300_000,
};

export interface Pacing {
  /** How many steps may run at once now. */
  concurrency(): number;
  /** Waits until no pause is on. A pause holds for all steps, since the registry counts them together. */
  ready(): Promise<void>;
  /** Speeds up after answers, slows down at faults, and pauses when told to. */
  note(answer: Answer): void;
  /** Full jitter over the upper half, so that steps that failed together do not come back together. */
  backoffMs(attempt: number): number;
}

/** Additive increase, multiplicative decrease (as TCP shares a line); one pause for everybody. */
export function makePacing(
  world: { readonly clock: Clock; random(): number; onPause(durationMs: number, message: string): void },
  options: PacingOptions = defaultPacing,
): Pacing {
  let window = options.startConcurrency;
  let pause: Deadline | null = null;
  return {
    concurrency: () => Math.max(1, Math.floor(window)),
    ready: async () => {
      for (let leftMs = pause?.leftMs() ?? 0; leftMs > 0; leftMs = pause?.leftMs() ?? 0)
        await world.clock.sleep(leftMs);
    },
    note: (answer) => {
      if (answer.outcome === "accepted") {
        window = Math.min(options.maximumConcurrency, window + 1 / window);
        return;
      }
      if (answer.outcome !== "retryable" && answer.outcome !== "unknown") return;
      window = Math.max(1, window / 2);
      const askedMs = answer.retryAfterMs ?? 0;
      if (!(askedMs > 0)) return;
      const pauseMs = Math.min(askedMs, options.retryAfterCapMs);
      if (pause && pause.leftMs() >= pauseMs) return;
      pause = makeDeadline(world.clock, pauseMs);
      world.onPause(pauseMs, answer.message);
    },
    backoffMs: (attempt) => {
      const fullMs = Math.min(options.longestWaitMs, options.firstWaitMs * 2 ** (attempt - 1));
      return Math.ceil(fullMs * (0.5 + world.random() / 2));
    },
  };
}
