import type { PlannedTask } from "@slipway/plan";
import type { OutputFile, RecordedOutput } from "./ports.ts";
import { lacksOutputs, type Cleared } from "./compiler-memory.ts";
import { owned } from "./own-outputs.ts";
import { sharedInOrder } from "./overlap.ts";
import { madeByRivals, sharedOutput, type SharedOutput } from "./shared-outputs.ts";
import { notice, type KnownTask, type TaskSurroundings } from "./surroundings.ts";

export interface RanTask extends Cleared {
  readonly ok: boolean;
  readonly log: readonly (readonly [1 | 2, string])[];
  readonly durationMs: number;
  /** Outputs that somebody had changed before it started. */
  readonly touched: readonly string[];
}

export interface KeptResult {
  readonly outputs: readonly OutputFile[];
  readonly shared: SharedOutput | null;
}

/**
 * Takes what a task has made into the store and into the record. A result is stored only when it is certain that the
 * task's inputs made it: no input changed while it ran, and nothing lies among the outputs that it did not write.
 */
export async function keepResult(
  one: KnownTask,
  ran: RanTask,
  around: TaskSurroundings,
): Promise<KeptResult> {
  const { task, known, record } = one;
  const { keeps } = ran;
  const { tree, store, records } = around.ports;
  const settled = tree.settled();
  // It says the same at any time, and there is time now.
  const unknown = unknownInputs(task, known.inputs, around);
  await settled;
  const after = tree.outputs(task.outputSpec);
  const wasOwned = new Set(record ? owned(record).map(({ path }) => path) : []);
  const written = after.paths.filter((path) => after.differs(path, ran.before));
  const touched = new Set(ran.touched);
  const isLeft = (path: string): boolean =>
    !after.differs(path, ran.before) || (touched.has(path) && after.isSameFile(path, ran.before));
  const theirs = madeByRivals(task, around);
  const untouched = after.paths.filter((path) => isLeft(path) && !tree.counts(path) && !theirs.has(path));
  const before = new Set(ran.before.paths);
  const isOwned = (path: string): boolean => wasOwned.has(path) || !before.has(path) || !tree.counts(path);
  const mine = new Set(written.filter((path) => isOwned(path)));
  const stays = new Set(after.paths);
  const removed = ran.before.paths.filter((path) => !stays.has(path));
  const shared = sharedOutput(task, { written, removed }, around);
  const partial = keeps && lacksOutputs(record, ran.before);
  const findings = {
    changed: known.inputs.changed(mine),
    untouched,
    keeps,
    partial,
    shared,
    unkeepable: after.unkeepable,
    unknown,
  };
  const certain = ran.ok && judge(one, findings, around) && around.options.foreignModules !== true;
  const paths = keeps ? [...written, ...untouched].toSorted() : written;
  const { log, durationMs } = ran;
  const keep = certain && !(keeps && untouched.length > 0) && !partial && around.options.cache.write;
  const stored = await store.store(known.digest, {
    id: task.id,
    paths,
    log,
    durationMs,
    owned: isOwned,
    keep,
  });
  if (stored.problem) notice(around, task.id, stored.problem);
  const fingerprint = certain ? known.digest : null;
  const made = { fingerprint, value: known.value, outputs: stored.outputs, log, durationMs };
  records.write(task.id, made, known.inputs);
  return { outputs: stored.outputs satisfies readonly RecordedOutput[], shared };
}

interface Findings {
  readonly changed: readonly string[];
  readonly untouched: readonly string[];
  /** An undeclared memory of the compiler's explains files that it did not write again. */
  readonly keeps: boolean;
  /** With such a memory, but without all that it remembers, the compiler may have left something out. */
  readonly partial: boolean;
  readonly shared: SharedOutput | null;
  readonly unkeepable: readonly string[];
  /** Why nobody can tell whether what the task reads is the same the next time; null when that can be told. */
  readonly unknown: string | null;
}

function judge({ task }: KnownTask, findings: Findings, around: TaskSurroundings): boolean {
  const { changed, untouched, keeps, partial, shared, unkeepable, unknown } = findings;
  if (unknown !== null) {
    const message = `${unknown}; what ${task.id} makes of it is not stored`;
    notice(around, task.id, { code: "inputs/unknown", message });
    return false;
  }
  if (changed.length > 0) {
    const message = `${some(changed)} changed while ${task.id} ran; its result is not stored`;
    notice(around, task.id, { code: "inputs/changed-while-running", message });
    return false;
  }
  if (shared) {
    if (shared.ordered) notice(around, task.id, sharedInOrder(task.id, shared));
    return false;
  }
  if (unkeepable.length > 0) {
    const message = `${some(unkeepable)} among the outputs of ${task.id} cannot be kept: no regular file, not readable, or a name that is no UTF-8; its result is not stored`;
    notice(around, task.id, { code: "outputs/unkeepable", message });
    return false;
  }
  if (untouched.length > 0 && !keeps) {
    const message = `${some(untouched)} lay among the outputs of ${task.id} before it ran, changed by somebody else or not written by it; its result is not stored`;
    notice(around, task.id, { code: "outputs/left-over", message });
    return false;
  }
  if (untouched.length > 0) {
    const message = `${task.id} kept ${some(untouched)} from an earlier run by an undeclared .tsbuildinfo file; its result counts in this work tree only. Add that file to its outputs`;
    notice(around, task.id, { code: "outputs/kept", message });
  } else if (partial) {
    const message = `an undeclared .tsbuildinfo file of an earlier run lay beside ${task.id}, without all that was written then, so tsc may have left something out; its result counts in this work tree only. Add that file to its outputs`;
    notice(around, task.id, { code: "outputs/kept", message });
  }
  return true;
}

function unknownInputs(
  { dir }: PlannedTask,
  { unreadable }: KnownTask["known"]["inputs"],
  { ports: { tree } }: TaskSurroundings,
): string | null {
  if (unreadable.length > 0) return `${some(unreadable)} cannot be read`;
  return tree.hides(dir) ? `git ignores all of ${dir}, so that none of its files counts` : null;
}

function some(paths: readonly string[]): string {
  const [first = "", ...rest] = paths;
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}
