import type { PlannedTask } from "@slipway/plan";
import type { OutputFile } from "./ports.ts";
import { owned } from "./own-outputs.ts";
import type { TaskDone } from "./execution.ts";
import { replayLog } from "./from-cache.ts";
import { overlapOf } from "./shared-outputs.ts";
import { notice, type TaskSurroundings, type UntouchedTask } from "./surroundings.ts";

/**
 * Puts back the outputs of a task whose inputs, and those of all that it needs, were seen not to be touched: what it
 * would be looked up under is on record, so nothing is read but the stored result. Null when the task has to be looked
 * at as any other: its result is not there, or is another than the recorded one.
 */
export async function restoreKnown(
  task: PlannedTask,
  { fingerprint }: UntouchedTask,
  around: TaskSurroundings,
): Promise<TaskDone | null> {
  const { tree, store, records, clock, locks, stop } = around.ports;
  const startedMs = clock.now();
  const record = records.last(task.id);
  if (record?.fingerprint !== fingerprint) return null;
  const answer = await store.lookup(fingerprint, task.outputSpec);
  if (answer.kind === "damaged") notice(around, task.id, { code: "cache/damaged", message: answer.message });
  if (answer.kind !== "hit" || !isSame(answer.result.outputs, record.outputs)) return null;
  if (overlapOf(task, () => record.outputs, around)) return null;
  await locks?.free(task.id, () => stop.requested);
  const own = new Set(owned(record).map(({ path }) => path));
  const restored = answer.restore((path) => own.has(path) || !tree.counts(path));
  if (!restored.ok) return null;
  const { outputs } = restored;
  records.restored(task.id, outputs);
  replayLog(task.id, answer.result.log, around.ports);
  const { id, package: packageName, task: name } = task;
  const hit = { status: "ok", cache: "hit", from: answer.from, savedMs: answer.result.durationMs } as const;
  const durationMs = clock.now() - startedMs;
  const ended = {
    type: "task",
    id,
    package: packageName,
    task: name,
    fingerprint,
    ...hit,
    durationMs,
  } as const;
  return { ended, fingerprint, outputs, untouched: true };
}

function isSame(stored: readonly OutputFile[], recorded: readonly OutputFile[]): boolean {
  return (
    stored.length === recorded.length &&
    stored.every(({ path, kind, digest, executable }, at) => {
      const other = recorded[at];
      return (
        other?.path === path &&
        other.kind === kind &&
        other.digest === digest &&
        other.executable === executable
      );
    })
  );
}
