import { UserError } from "@slipway/kernel";
import type { Pacing } from "./pacing.ts";
import type { Answer, Clock } from "./ports.ts";
import type { Failure } from "./progress.ts";

/** What a look found: the wanted state, the state before, or something that must not be there. */
export type Look =
  | { readonly seen: "ours" }
  | { readonly seen: "absent" }
  | { readonly seen: "foreign"; readonly message: string; readonly served?: string; readonly twin?: boolean }
  /** Something is there in part, and the registry refuses the rest; it may also be a registry that lags behind itself. */
  | { readonly seen: "orphan"; readonly message: string }
  /** The look itself failed: nothing is known. */
  | { readonly seen: "nothing"; readonly message: string };

export type Settled = { readonly outcome: "done" | "already-ours" } | Failure;

export interface Attempt {
  act(): Promise<Answer>;
  look(): Promise<Look>;
  readonly pacing: Pacing;
  readonly clock: Clock;
  readonly attemptsMax: number;
  /** True: it may have been done before, so the first thing is a look. */
  readonly looksFirst?: boolean;
  onRetry(waitMs: number, message: string): void;
  stopped(): boolean;
}

const orphanLooksMin = 3;

/**
 * Acts until the outcome is known. No answer but `accepted` is believed: whatever else comes back, a look decides, and
 * an act is repeated only after a look that found nothing.
 */
export async function settle(attempt: Attempt): Promise<Settled> {
  let failure: Failure = { outcome: "unknown", message: "not tried" };
  let mayAct = attempt.looksFirst !== true;
  let orphanLooks = 0;
  for (let count = 1; count <= attempt.attemptsMax; count++) {
    await attempt.pacing.ready();
    if (attempt.stopped()) return { outcome: "retryable", message: "stopped before it was tried" };
    const answer: Answer | null = mayAct ? await attempt.act() : null;
    if (answer) attempt.pacing.note(answer);
    if (answer?.outcome === "accepted") return { outcome: "done" };
    const found = await attempt.look();
    if (found.seen === "orphan") orphanLooks++;
    const end = endOf(answer, found, orphanLooks);
    if (end) return end;
    if (answer) {
      const { message, outcome } = answer;
      failure = { outcome: outcome === "retryable" ? "retryable" : "unknown", message };
    }
    // After "it exists already" and after a failed look the next thing is another look.
    mayAct = found.seen !== "nothing" && answer?.outcome !== "conflict";
    if (count === attempt.attemptsMax) break;
    // A look that had nothing before it to wait for is followed by the act at once.
    if (answer === null && mayAct) continue;
    const waitMs = attempt.pacing.backoffMs(count);
    attempt.onRetry(waitMs, failure.message);
    await attempt.clock.sleep(waitMs);
  }
  return failure;
}

function endOf(answer: Answer | null, found: Look, orphanLooks: number): Settled | null {
  if (found.seen === "ours") return { outcome: "already-ours" };
  if (found.seen === "foreign") {
    const { message, served, twin } = found;
    return {
      outcome: "conflict",
      message,
      ...(served === undefined ? {} : { served }),
      ...(twin ? { twin } : {}),
    };
  }
  if (found.seen === "nothing") return null;
  if (answer?.outcome === "permanent") return refusedBy(answer);
  if (found.seen === "orphan" && orphanLooks >= orphanLooksMin) {
    return { outcome: "permanent", message: found.message };
  }
  return null;
}

function refusedBy({ message, cause, hint }: Extract<Answer, { outcome: "permanent" }>): Settled {
  const isCredential = cause === "auth" || cause === "forbidden";
  return {
    outcome: "permanent",
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(isCredential ? { refused: true } : {}),
  };
}

/** Reading throws when the registry cannot be reached; in the middle of a release that is a look that saw nothing. */
export async function guarded(look: () => Promise<Look>): Promise<Look> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof UserError) return { seen: "nothing", message: error.message };
    throw error;
  }
}
