import { UserError } from "@slipway/kernel";
import type { Pacing } from "./pacing.ts";
import { makeDeadline, type Deadline } from "./deadline.ts";
import type { Answer, Clock } from "./ports.ts";
import type { Failure } from "./progress.ts";

/** What a look found: the wanted state, the state before, or something that must not be there. */
export type Look =
  | { readonly seen: "ours" }
  | { readonly seen: "absent" }
  | { readonly seen: "foreign"; readonly message: string; readonly served?: string; readonly twin?: boolean }
  /**
   * Something is there that the registry does not list, and it refuses the rest. Unless it is certain, it may also be a
   * registry that lags behind itself.
   */
  | { readonly seen: "orphan"; readonly message: string; readonly certain: boolean }
  /** The look itself failed: nothing is known. */
  | { readonly seen: "nothing"; readonly message: string };

export type Settled = { readonly outcome: "done" | "already-ours" } | Failure;

export interface Attempt {
  act(): Promise<Answer>;
  look(): Promise<Look>;
  readonly pacing: Pacing;
  readonly clock: Clock;
  readonly attemptsMax: number;
  /** After "it exists already" only looks follow, for this long: registries show what they have minutes later. */
  readonly patienceMs?: number;
  /** True: it may have been done before, so the first thing is a look. */
  readonly looksFirst?: boolean;
  /** A look that is older does not serve: after a pause comes another one, before the act. */
  readonly lookAgeMsMax?: number;
  /** True: `accepted` is looked after at once, since no later step does. */
  readonly looksAfter?: boolean;
  onRetry(waitMs: number, message: string): void;
  stopped(): boolean;
}

/** So many damaged downloads in a row are no accident: the registry is asked to take the version all the same. */
const orphanLooksMax = 4;

/**
 * Acts until the outcome is known. No answer but `accepted` is believed: whatever else comes back, a look decides, and
 * an act is repeated only after a look that found nothing.
 */
export async function settle(attempt: Attempt): Promise<Settled> {
  let failure: Failure = { outcome: "unknown", message: "not tried" };
  const { pacing, clock } = attempt;
  let mayAct = attempt.looksFirst !== true;
  let patience: Deadline | null = null;
  let lookedMs = clock.nowMs();
  let orphanLooks = 0;
  for (let count = 1; ; count++) {
    await pacing.ready();
    if (attempt.stopped()) return { outcome: "retryable", message: "stopped before it was tried" };
    if (isTooOld(clock.nowMs() - lookedMs, attempt)) mayAct = false;
    const answer: Answer | null = mayAct ? await attempt.act() : null;
    if (answer) pacing.note(answer);
    if (answer?.outcome === "accepted" && !attempt.looksAfter) return { outcome: "done" };
    const found = await attempt.look();
    lookedMs = clock.nowMs();
    const end = endOf(answer, found);
    if (end) return end;
    failure = failureOf(answer, found) ?? failure;
    if (answer?.outcome === "conflict" && attempt.patienceMs !== undefined)
      patience ??= makeDeadline(clock, attempt.patienceMs);
    const isOver = patience ? patience.leftMs() <= 0 : count >= attempt.attemptsMax;
    if (isOver) return failure;
    if (found.seen === "orphan") orphanLooks++;
    // After "it exists already" and after a failed look the next thing is another look. So it is when other bytes were
    // downloaded than were sealed: a copy may have been damaged on its way, and what is there is not sent again.
    const mayBeThere = found.seen === "orphan" && orphanLooks < orphanLooksMax;
    mayAct = !patience && !mayBeThere && found.seen !== "nothing" && answer?.outcome !== "conflict";
    // A look that had nothing before it to wait for is followed by the act at once.
    if (answer === null && mayAct) continue;
    const waitMs = pacing.backoffMs(count);
    attempt.onRetry(waitMs, failure.message);
    await clock.sleep(waitMs);
  }
}

/** A clock that was put back makes every look too old. */
function isTooOld(ageMs: number, { lookAgeMsMax }: Attempt): boolean {
  return lookAgeMsMax !== undefined && (ageMs < 0 || ageMs > lookAgeMsMax);
}

function failureOf(answer: Answer | null, found: Look): Failure | null {
  if (found.seen === "orphan") return { outcome: "permanent", message: found.message };
  if (!answer) return null;
  if (answer.outcome === "accepted") return { outcome: "unknown", message: "accepted, and not there" };
  return { outcome: answer.outcome === "retryable" ? "retryable" : "unknown", message: answer.message };
}

function endOf(answer: Answer | null, found: Look): Settled | null {
  if (found.seen === "ours") return { outcome: answer?.outcome === "accepted" ? "done" : "already-ours" };
  if (found.seen === "foreign") return { outcome: "conflict", ...withoutSeen(found) };
  if (found.seen === "nothing") return null;
  if (found.seen === "orphan" && found.certain) return { outcome: "permanent", message: found.message };
  if (answer?.outcome === "permanent") return refusedBy(answer);
  return null;
}

/** What a conflict tells of foreign bytes. */
export function withoutSeen({
  message,
  served,
  twin,
}: Extract<Look, { seen: "foreign" }>): Pick<Failure, "message" | "served" | "twin"> {
  return { message, ...(served === undefined ? {} : { served }), ...(twin ? { twin } : {}) };
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
