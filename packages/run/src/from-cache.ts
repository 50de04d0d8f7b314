import type { TaskId } from "@slipway/kernel";
import type { TaskEnded } from "./events.ts";
import { overlapEnd } from "./overlap.ts";
import { owned } from "./own-outputs.ts";
import type { LogPiece, OutputFile, RunPorts } from "./ports.ts";
import { overlapOf, type SharedOutput } from "./shared-outputs.ts";
import { notice, type KnownTask, type TaskSurroundings } from "./surroundings.ts";

type FromCache =
  | {
      readonly kind: "hit";
      readonly from: "work-tree" | "store" | "remote";
      readonly log: readonly LogPiece[];
      readonly outputs: readonly OutputFile[];
      readonly savedMs: number;
    }
  | { readonly kind: "overlap"; readonly shared: SharedOutput; readonly outputs: readonly [] }
  /** `reason`: why what was found is of no use. */
  | { readonly kind: "miss"; readonly reason?: string };

/** In place, or restored; whatever is wrong with the store is a notice and a miss. */
export async function fromCache(
  { task, known, record }: KnownTask,
  around: TaskSurroundings,
): Promise<FromCache> {
  const { tree, store, records } = around.ports;
  if (record?.fingerprint === known.digest && tree.inPlace(record.outputs)) {
    const shared = overlapOf(task, () => record.outputs, around);
    if (shared) return { kind: "overlap", shared, outputs: [] };
    const { outputs, log, durationMs } = record;
    records.write(task.id, record, known.inputs);
    return { kind: "hit", from: "work-tree", log, outputs, savedMs: durationMs };
  }
  const answer = await store.lookup(known.digest, task.outputSpec);
  if (answer.kind === "damaged") notice(around, task.id, { code: "cache/damaged", message: answer.message });
  if (answer.kind !== "hit") return { kind: "miss" };
  const { result, from } = answer;
  const shared = overlapOf(task, () => result.outputs, around);
  if (shared) return { kind: "overlap", shared, outputs: [] };
  await around.ports.locks?.free(task.id, () => around.ports.stop.requested);
  const keeps = new Set(result.outputs.map(({ path }) => path));
  if (record) tree.remove(tree.unchanged(owned(record)).filter(({ path }) => !keeps.has(path)));
  const own = new Set(record ? owned(record).map(({ path }) => path) : []);
  const restored = answer.restore((path) => own.has(path) || !tree.counts(path));
  if (!restored.ok) {
    notice(around, task.id, { code: "cache/not-restored", message: restored.message });
    return { kind: "miss", reason: "its stored result could not be put back" };
  }
  const { log, durationMs } = result;
  const outputs = restored.outputs;
  const found = { fingerprint: known.digest, value: known.value, outputs, log, durationMs };
  records.write(task.id, found, known.inputs);
  return { kind: "hit", from, log, outputs, savedMs: durationMs };
}

export function endFromCache(
  id: TaskId,
  found: Exclude<FromCache, { readonly kind: "miss" }>,
): Pick<TaskEnded, "status" | "cache"> & Partial<TaskEnded> {
  if (found.kind === "overlap") return overlapEnd(id, found.shared);
  const { from, savedMs } = found;
  return { status: "ok", cache: "hit", from, savedMs };
}

export function replayLog(id: TaskId, log: readonly LogPiece[], ports: RunPorts): void {
  for (const [stream, text] of log) {
    ports.report({ type: "output", id, stream: stream === 1 ? "stdout" : "stderr", text, replayed: true });
  }
}
