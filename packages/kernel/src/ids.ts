/** A package's name as its manifest has it; the root package without a name is `//`, as turbo writes it. */
export type PackageName = string;

/** `PACKAGE#TASK`, or `PACKAGE#TASK:CONFIGURATION` where a task has configurations (nx). */
export type TaskId = `${string}#${string}`;

/** A path with forward slashes, relative to the workspace's root; the root itself is the empty string. */
export type RelativePath = string;

export function taskId(packageName: PackageName, task: string): TaskId {
  return `${packageName}#${task}`;
}

/** Splits at the first `#`: a package's name never holds one, a task's name may. */
export function splitTaskId(id: TaskId): { readonly package: PackageName; readonly task: string } {
  const at = id.indexOf("#");
  return { package: id.slice(0, at), task: id.slice(at + 1) };
}
