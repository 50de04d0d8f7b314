import type { PackageName, TaskId } from "@slipway/kernel";
import type { RunEvent } from "./events.ts";
import type { LogPiece } from "./ports.ts";

/** A task of a run in which nothing had to be done, as it is kept for the next such run. */
export interface HotTaskEnd {
  readonly id: TaskId;
  readonly package: PackageName;
  readonly task: string;
  readonly fingerprint: string;
  readonly savedMs: number;
}

/** The events of a run whose tasks all are as their last run left them. */
export function* hotEvents(
  tasks: readonly HotTaskEnd[],
  logs: Readonly<Record<TaskId, readonly LogPiece[]>>,
  clock: { readonly concurrency: number; elapsedMs(): number },
): Generator<RunEvent> {
  const packages = new Set(tasks.map((task) => task.package)).size;
  yield { type: "started", tasks: tasks.length, packages, concurrency: clock.concurrency };
  for (const { id, package: name, task, fingerprint, savedMs } of tasks) {
    for (const [stream, text] of logs[id] ?? []) {
      yield { type: "output", id, stream: stream === 1 ? "stdout" : "stderr", text, replayed: true };
    }
    const end = { id, package: name, task, status: "ok", cache: "hit", from: "work-tree" } as const;
    yield { type: "task", ...end, fingerprint, durationMs: 0, savedMs };
  }
  const counts = { tasks: tasks.length, hits: tasks.length, misses: 0, failed: 0, skipped: 0 };
  const savedMs = tasks.reduce((sum, task) => sum + task.savedMs, 0);
  yield { type: "finished", ...counts, exit: 0, durationMs: clock.elapsedMs(), savedMs };
}
