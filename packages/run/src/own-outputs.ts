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
