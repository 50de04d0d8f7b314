import { statNumberCount, type StatNumbers } from "../tree/stamps.ts";

export type HotKind = "files" | "dirs" | "outputs";

/** Paths, and `statNumberCount` numbers for each. */
export interface HotTable {
  readonly paths: readonly string[];
  readonly numbers: Float64Array;
}

/** How it was, and the names of files, directories and ignored entries, each joined by NUL. */
export type KeptDirectory = readonly [stat: StatNumbers | null, files: string, dirs: string, ignored: string];

/** A row as it is now; a path only where it came to the table since. Null stands for what is no number. */
export type SinceRow = readonly [at: number, path: string | null, numbers: readonly (number | null)[]];

/** The places of a task's files, directories and outputs in the tables. */
export type TaskLinks = Readonly<Record<HotKind, readonly number[]>>;

/** What came to differ since a state was written whole: small where little was done, and read with it. */
export interface HotSince {
  readonly facts: unknown;
  readonly tables: Readonly<Record<HotKind, readonly SinceRow[]>>;
  /** By the task's place among the tasks. */
  readonly links: readonly (readonly [task: number, links: TaskLinks])[];
  /** Null: not known any more. */
  readonly listing: readonly (readonly [path: string, dir: KeptDirectory | null])[];
  readonly tasks: readonly (readonly [at: number, task: unknown])[];
  readonly logs: Readonly<Record<string, unknown>>;
}

/** From the text that was sealed: what is in it was written by this program. */
export function sinceOf(text: string): HotSince {
  return JSON.parse(text) as HotSince;
}

/** @param table its numbers are changed in place */
export function patchedTable({ paths, numbers }: HotTable, rows: readonly SinceRow[]): HotTable {
  const added = rows.flatMap(([at, path]) => (path === null || at < paths.length ? [] : [path]));
  const all = new Float64Array(numbers.length + added.length * statNumberCount);
  const patched = added.length === 0 ? numbers : all;
  if (patched === all) all.set(numbers);
  for (const [at, , values] of rows) {
    const from = at * statNumberCount;
    for (let each = 0; each < statNumberCount; each++) patched[from + each] = values[each] ?? Number.NaN;
  }
  return { paths: added.length === 0 ? paths : [...paths, ...added], numbers: patched };
}

export function patchedLinks(links: Uint32Array, changed: HotSince["links"]): Uint32Array {
  if (changed.length === 0) return links;
  const others = new Map(changed);
  const pieces: Uint32Array[] = [];
  let asTheyAre = 0;
  for (const [task, start] of linkStarts(links).entries()) {
    const other = others.get(task);
    if (!other) continue;
    pieces.push(links.subarray(asTheyAre, start), encodedLinks(other));
    asTheyAre = endOfLinks(links, start);
  }
  pieces.push(links.subarray(asTheyAre));
  const patched = new Uint32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    patched.set(piece, at);
    at += piece.length;
  }
  return patched;
}

export function encodedLinks({ files, dirs, outputs }: TaskLinks): Uint32Array {
  return Uint32Array.from([files.length, dirs.length, outputs.length, ...files, ...dirs, ...outputs]);
}

/** Where each task's counts stand among the links. */
export function linkStarts(links: Uint32Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at < links.length; at = endOfLinks(links, at)) starts.push(at);
  return starts;
}

export function linksAt(links: Uint32Array, start: number): TaskLinks {
  const [files = 0, dirs = 0] = links.subarray(start, start + 2);
  const places = [...links.subarray(start + 3, endOfLinks(links, start))];
  return {
    files: places.slice(0, files),
    dirs: places.slice(files, files + dirs),
    outputs: places.slice(files + dirs),
  };
}

function endOfLinks(links: Uint32Array, start: number): number {
  return start + 3 + (links[start] ?? 0) + (links[start + 1] ?? 0) + (links[start + 2] ?? 0);
}
