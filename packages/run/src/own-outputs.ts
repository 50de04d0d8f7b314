import type { PlannedTask } from "@slipway/plan";
import picomatch from "picomatch";
import type { RunPorts, TaskRecord } from "./ports.ts";

/** Files that runs of the task made, not ones that it found and changed. */
export function owned(record: TaskRecord): TaskRecord["outputs"] {
  return record.outputs.filter((output) => output.owned);
}

/** What the task made and somebody else has changed since: it is not the task's to remove. */
export function changedByOthers(record: TaskRecord, { tree }: RunPorts): readonly string[] {
  const untouched = new Set(tree.unchanged(record.outputs));
  return record.outputs.filter((output) => !untouched.has(output)).map(({ path }) => path);
}

/**
 * True: the package holds TypeScript's memory of what it has written, and the task does not declare it. Without its
 * outputs, but with that memory, tsc would write only what changed; so nothing is removed before such a task runs.
 */
export function hasOwnMemory(task: PlannedTask, { tree }: RunPorts): boolean {
  const names = tree.namesIn(task.dir).filter((name) => name.endsWith(".tsbuildinfo"));
  if (names.length === 0) return false;
  const declared = picomatch([...task.outputSpec.include], { dot: true });
  return names.some((name) => !declared(task.dir === "" ? name : `${task.dir}/${name}`));
}
