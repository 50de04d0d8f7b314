/** What the inputs of a task were when they were looked at. */
export interface InputMarks {
  readonly marks: Readonly<Record<string, string>>;
  /** Directories whose names decided which files these are. */
  readonly dirs: ReadonlySet<string>;
  /** Places where nothing was; something that came there would count. */
  readonly absent: ReadonlySet<string>;
  /** Files that count and whose bytes cannot be known. */
  readonly unreadable: readonly string[];
  changed(outputs: ReadonlySet<string>): readonly string[];
}

/** Paths that came, went or changed between two looks; those in `outputs` and those that nobody can read do not count. */
export function changedPaths(before: Looked, after: Looked, outputs: ReadonlySet<string>): string[] {
  const paths = new Set([...Object.keys(before.marks), ...Object.keys(after.marks)]);
  for (const path of before.unreadable) paths.delete(path);
  return [...paths]
    .filter((path) => before.marks[path] !== after.marks[path] && !outputs.has(path))
    .toSorted();
}

type Looked = Pick<InputMarks, "marks" | "unreadable">;
