import type { RunFinished, TaskEnded } from "./events.ts";

interface RunCounts {
  readonly tasks: number;
  readonly durationMs: number;
  readonly stopped: boolean;
}

export function runFinished(
  ends: readonly TaskEnded[],
  { tasks, durationMs, stopped }: RunCounts,
): RunFinished {
  const count = (is: (end: TaskEnded) => boolean): number => ends.filter(is).length;
  const failed = count(({ status }) => status === "failed");
  return {
    type: "finished",
    tasks,
    hits: count(({ cache }) => cache === "hit"),
    misses: count(({ cache }) => cache === "miss"),
    failed,
    skipped: count(({ status }) => status === "skipped"),
    exit: stopped ? 130 : failed > 0 ? 1 : 0,
    durationMs,
    savedMs: ends.reduce((sum, { savedMs = 0 }) => sum + savedMs, 0),
  };
}
