import type { DiskTree, StampedPath } from "../tree/disk-tree.ts";
import { splitPath, type KnownListing, type ListedDirectory } from "../tree/listing.ts";
import { isSettled, statNumberCount, statNumbers, type StatNumbers } from "../tree/stamps.ts";
import { absentNumber, racyNumber, type HotFile, type HotTables } from "./hot-file.ts";
import { lookAt, lookBehind } from "../tree/look-at.ts";

/** One task as a run has seen it. */
export interface HotTask {
  readonly marks: Readonly<Record<string, string>>;
  readonly dirs: ReadonlySet<string>;
  readonly absent: ReadonlySet<string>;
  readonly outputs: readonly { readonly path: string; readonly stamp: string }[];
}

/** The tables of a hot state: each path once, with how it was when its content was read, and each task's places. */
export function collectTables(tree: DiskTree, tasks: readonly HotTask[], startedMs: number): HotTables {
  const files = new Places((path) => fileNumbers(tree, path));
  const dirs = new Places((path) => dirNumbers(tree, path, startedMs));
  const stamps = new Map(
    tasks.flatMap(({ outputs }) => outputs.map(({ path, stamp }) => [path, stamp] as const)),
  );
  const outputs = new Places((path) => (stamps.get(path) ?? "").split(":").map(Number));
  const links: number[] = [];
  for (const task of tasks) {
    const fileAt = [...Object.keys(task.marks), ...task.absent].map((path) => files.at(path));
    for (const [path, mark] of Object.entries(task.marks))
      if (isOther(tree, path, mark)) files.distrust(path);
    const dirAt = [...withParents(task.dirs)].map((path) => dirs.at(path));
    const outputAt = task.outputs.map(({ path }) => outputs.at(path));
    links.push(fileAt.length, dirAt.length, outputAt.length, ...fileAt, ...dirAt, ...outputAt);
  }
  const numbers = [...files.numbers, ...dirs.numbers, ...outputs.numbers];
  return {
    files: files.paths,
    dirs: dirs.paths,
    outputs: outputs.paths,
    numbers: Float64Array.from(numbers),
    links: Uint32Array.from(links),
  };
}

/**
 * The numbers of a state of which only outputs were written anew. What else changed since it was read keeps its old
 * numbers, so that the next look finds it.
 */
export function renewNumbers(
  state: HotFile,
  tree: DiskTree,
  { outputs, startedMs }: { readonly outputs: readonly StampedPath[]; readonly startedMs: number },
): Float64Array {
  const numbers = state.numbers.slice();
  const dirsFrom = state.files.length;
  for (const [at, path] of state.dirs.entries()) {
    const first = (dirsFrom + at) * statNumberCount;
    const stat = lookBehind(path === "" ? tree.root : `${tree.root}/${path}`);
    if (stat?.mtimeMs === numbers[first] && stat?.ino === numbers[first + 3]) continue;
    setNumbers(numbers, first, dirNumbers(tree, path, startedMs));
  }
  const outputsFrom = dirsFrom + state.dirs.length;
  const places = new Map(state.outputs.map((path, at) => [path, outputsFrom + at]));
  for (const { path, stamp } of outputs) {
    const at = places.get(path);
    if (at !== undefined) setNumbers(numbers, at * statNumberCount, stamp.split(":").map(Number));
  }
  return numbers;
}

function setNumbers(numbers: Float64Array, first: number, values: readonly number[]): void {
  for (let each = 0; each < statNumberCount; each++) numbers[first + each] = values[each] ?? racyNumber;
}

class Places {
  readonly paths: string[] = [];
  readonly numbers: number[] = [];
  readonly #index = new Map<string, number>();
  readonly #numbersOf: (path: string) => readonly number[];

  constructor(numbersOf: (path: string) => readonly number[]) {
    this.#numbersOf = numbersOf;
  }

  at(path: string): number {
    const known = this.#index.get(path);
    if (known !== undefined) return known;
    const index = this.paths.length;
    this.#index.set(path, index);
    this.paths.push(path);
    const numbers = this.#numbersOf(path);
    for (let each = 0; each < statNumberCount; each++) this.numbers.push(numbers[each] ?? racyNumber);
    return index;
  }

  /** So that the next run looks again at whatever it belongs to. */
  distrust(path: string): void {
    this.numbers[this.at(path) * statNumberCount] = racyNumber;
  }
}

/** Another task read the file later and found other bytes. @param mark empty: as it is in the state that the run went on from */
function isOther(tree: DiskTree, path: string, mark: string): boolean {
  const known = tree.marks.known(path);
  if (!known) return false;
  if (mark !== "") return known.mark !== mark;
  const carried = tree.carried.get(path);
  return !carried || carried.some((number, at) => number !== known.stat[at]);
}

/** How a file was when its bytes were read; a file that was not there when it was looked for must stay away. */
function fileNumbers(tree: DiskTree, path: string): readonly number[] {
  const known = tree.marks.known(path);
  if (known) return known.racy ? [] : known.stat;
  const carried = tree.carried.get(path);
  if (carried) return carried;
  const stat = lookAt(`${tree.root}/${path}`);
  if (!stat) return Array.from({ length: statNumberCount }, () => absentNumber);
  // A submodule counts by its commit, which the index holds; what else came since it was looked for is news.
  return tree.listing.tracked(path) ? statNumbers(stat) : [];
}

function dirNumbers(tree: DiskTree, path: string, startedMs: number): readonly number[] {
  const known = tree.listing.dirs.get(path);
  if (known?.stat) {
    // Outputs came since it was read: if no other name did, that is how it is now.
    const now = tree.listing.fresh(path);
    return now?.stat && !now.racy && !tree.listing.isUnsteady(path) ? now.stat : [];
  }
  // Looked at in another way, at a moment that is not known: trusted only if nothing came since the run started.
  const stat = lookBehind(path === "" ? tree.root : `${tree.root}/${path}`);
  return stat && isSettled(stat, startedMs) ? statNumbers(stat) : [];
}

/** New packages and configuration files come in directories above. */
function withParents(dirs: ReadonlySet<string>): Set<string> {
  const all = new Set(dirs);
  for (const dir of dirs) for (let at = dir; at !== "";) all.add((at = splitPath(at)[0]));
  return all;
}

/** JSON of what is known of the files that count, for a run that finds only some of them changed. */
export function collectListing({ listing, root }: DiskTree): string {
  // What is not kept, whoever has to do with it looks at again: of these nobody can tell who saw which names.
  const steady = [...listing.dirs].filter(([path]) => !listing.isUnsteady(path));
  const dirs = steady.map(([path, dir]): KeptDirectory => [
    path,
    dir.racy ? null : dir.stat,
    [...dir.files].join("\0"),
    [...dir.dirs].join("\0"),
    presentIn(root, path, dir.ignored).join("\0"),
  ]);
  const submodules = [...listing.allTracked].filter(([, commit]) => commit !== null);
  const kept: KeptListing = {
    dirs,
    tracked: [...listing.allTracked.keys()].join("\0"),
    submodules,
    nested: listing.nested,
    isGit: listing.isGit,
  };
  return JSON.stringify(kept);
}

/** What git ignores may be an input all the same, as a dotenv file is: what is not there now is news when it comes. */
function presentIn(root: string, dir: string, ignored: ReadonlySet<string>): string[] {
  const prefix = dir === "" ? root : `${root}/${dir}`;
  return [...ignored].filter((name) => lookAt(`${prefix}/${name}`) !== undefined);
}

/** Path, how it was, and the names of files, directories and ignored entries, each joined by NUL. */
type KeptDirectory = readonly [
  path: string,
  stat: StatNumbers | null,
  files: string,
  dirs: string,
  ignored: string,
];

interface KeptListing {
  readonly dirs: readonly KeptDirectory[];
  readonly tracked: string;
  readonly submodules: readonly (readonly [path: string, commit: string | null])[];
  readonly nested: readonly string[];
  readonly isGit: boolean;
}

/** The other way round. */
export function listingFrom(text: string): KnownListing {
  const kept = JSON.parse(text) as KeptListing;
  const tracked = new Map<string, string | null>(names(kept.tracked).map((path) => [path, null]));
  for (const [path, commit] of kept.submodules) tracked.set(path, commit);
  const dirs = new Map<string, ListedDirectory>();
  for (const [path, stat, files, inner, ignored] of kept.dirs) {
    const sets = {
      files: new Set(names(files)),
      dirs: new Set(names(inner)),
      ignored: new Set(names(ignored)),
    };
    dirs.set(path, { ...sets, stat, racy: stat === null });
  }
  // Asked of git before every directory: what is not known is asked for again.
  const { nested, isGit } = kept;
  return { start: { tracked, untracked: [], nested, listedMs: isGit ? 0 : null }, dirs };
}

function names(text: string): string[] {
  return text === "" ? [] : text.split("\0");
}
