import type { PlannedTask } from "@slipway/plan";
import type { LogPiece, OutputFile, RecordedOutput } from "./ports.ts";
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
  const { log, durationMs: savedMs } = answer.result;
  return told(
    task,
    { fingerprint, outputs, log, from: answer.from, savedMs, durationMs: clock.now() - startedMs },
    around,
  );
}

/** The same of a task whose outputs were put back, and recorded, before the run came to it. */
export function restoredAhead(
  task: PlannedTask,
  { fingerprint, log, durationMs: savedMs }: UntouchedTask,
  { outputs, around }: { readonly outputs: readonly RecordedOutput[]; readonly around: TaskSurroundings },
): TaskDone {
  return told(task, { fingerprint, outputs, log, from: "store", savedMs, durationMs: 0 }, around);
}

interface PutBack extends Pick<TaskDone, "fingerprint" | "outputs"> {
  readonly log: readonly LogPiece[];
  readonly from: "store" | "remote";
  readonly savedMs: number;
  readonly durationMs: number;
}

function told(
  { id, package: packageName, task }: PlannedTask,
  { log, outputs, durationMs, ...hit }: PutBack,
  { ports }: TaskSurroundings,
): TaskDone {
  const { fingerprint, from, savedMs } = hit;
  replayLog(id, log, ports);
  const end = { type: "task", id, package: packageName, task, fingerprint } as const;
  const ended = { ...end, status: "ok", cache: "hit", from, savedMs, durationMs } as const;
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
