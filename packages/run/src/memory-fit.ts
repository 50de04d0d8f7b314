import type { PlannedTask } from "@slipway/plan";
import type { Held } from "./ports.ts";
import { areRivals } from "./shared-outputs.ts";
import type { TaskSurroundings } from "./surroundings.ts";

/** What held less than this is never waited for: looking would cost more than it saves. */
export const smallBytes = 64 * 1024 * 1024;

export interface RunningShare extends Held {
  /** The most that it held when it last ran; null when that is not known. */
  readonly expectedBytes: number | null;
}

/** Whether there is room for a task beside those that take a place: in memory, and among the outputs. */
export function fitsBeside(
  candidate: PlannedTask,
  placed: readonly { readonly task: PlannedTask }[],
  { plan, ports: { records, memory } }: TaskSurroundings,
): boolean {
  const besides = placed.map(({ task }) => task.id);
  if (areRivals(plan, candidate.id, besides)) return false;
  const shares = besides.map((id) => ({
    ...(memory.heldBy(id) ?? { nowBytes: 0, peakBytes: 0 }),
    expectedBytes: records.peakBytes(id),
  }));
  return fitsInMemory(records.peakBytes(candidate.id), shares, () => memory.available());
}

/**
 * Whether a task may start beside those that run, judged by what it held when it last ran. What the running ones have
 * not taken yet but took last time is theirs. A task of which nothing is known may start, and so may every task when
 * nothing else runs: a run never waits for itself.
 *
 * @param availableBytes null: the machine does not say
 */
export function fitsInMemory(
  expectedBytes: number | null,
  running: readonly RunningShare[],
  availableBytes: () => number | null,
): boolean {
  if (running.length === 0 || expectedBytes === null || expectedBytes < smallBytes) return true;
  const available = availableBytes();
  if (available === null) return true;
  return expectedBytes + stillToTake(running) <= available;
}

function stillToTake(running: readonly RunningShare[]): number {
  return running.reduce(
    (sum, { nowBytes, peakBytes, expectedBytes }) =>
      sum + Math.max(0, Math.max(peakBytes, expectedBytes ?? 0) - nowBytes),
    0,
  );
}
