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

/** Paths that came, went or changed between two looks; those in `outputs` do not count. */
export function changedPaths(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  outputs: ReadonlySet<string>,
): string[] {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...paths].filter((path) => before[path] !== after[path] && !outputs.has(path)).toSorted();
}
