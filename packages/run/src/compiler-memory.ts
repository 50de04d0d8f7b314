import { isMemory, type PlannedTask } from "@slipway/plan";
import picomatch from "picomatch";
import { owned } from "./own-outputs.ts";
import type { OutputSnapshot, RunPorts, TaskRecord } from "./ports.ts";

/** Where TypeScript's memory lies when nothing declares it. Below node_modules/.tmp it is of projects that emit nothing. */
const memoryDirs = ["", "/.cache", "/node_modules/.cache"];

/**
 * True: the package holds a memory that the task does not declare. Without its outputs, but with that memory, tsc would
 * write only what changed; so nothing is removed before such a task runs.
 */
function hasOwnMemory(task: PlannedTask, { tree }: RunPorts): boolean {
  const found = memoryDirs.flatMap((below) => {
    const dir = `${task.dir}${below}`.replace(/^\//, "");
    return tree
      .namesIn(dir)
      .filter(isMemory)
      .map((name) => (dir === "" ? name : `${dir}/${name}`));
  });
  if (found.length === 0) return false;
  const declared = picomatch([...task.outputSpec.include], { dot: true });
  return found.some((path) => !declared(path));
}

export interface Cleared {
  /** What stands where the outputs go when the task starts. */
  readonly before: OutputSnapshot;
  /** An undeclared memory lies there: nothing was removed. */
  readonly keeps: boolean;
}

/**
 * Removes what the task's last run made and nobody changed, and with it every memory among the declared outputs, whoever
 * wrote it last: several tasks may share one, and each has to write everything.
 */
export function clearOutputs(task: PlannedTask, record: TaskRecord | null, ports: RunPorts): Cleared {
  const { tree } = ports;
  const keeps = hasOwnMemory(task, ports);
  if (record && !keeps) tree.remove(tree.unchanged(owned(record)));
  const before = tree.outputs(task.outputSpec);
  const memories = keeps ? [] : before.paths.filter((path) => isMemory(path) && !tree.counts(path));
  if (memories.length === 0) return { before, keeps };
  tree.remove(memories.map((path) => ({ path })));
  return { before: tree.outputs(task.outputSpec), keeps };
}

/** True: some of what the last run left was gone when the task started, or nobody knows what it had left. */
export function lacksOutputs(record: TaskRecord | null, before: OutputSnapshot): boolean {
  const there = new Set(before.paths);
  return record === null || record.outputs.some(({ path }) => !there.has(path));
}
