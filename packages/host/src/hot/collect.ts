import type { DiskTree } from "../tree/disk-tree.ts";
import { splitPath } from "../tree/listing.ts";
import { lookAt, lookBehind } from "../tree/look-at.ts";
import { isSettled, stampNumbers, statNumberCount, statNumbers } from "../tree/stamps.ts";
import { absentNumber, racyNumber, type HotContent } from "./hot-file.ts";
import type { HotTable } from "./hot-since.ts";

/** One task as a run has seen it. */
export interface HotTask {
  /** Of the files that it read. */
  readonly marks: Readonly<Record<string, string>>;
  readonly dirs: ReadonlySet<string>;
  readonly absent: ReadonlySet<string>;
  readonly outputs: readonly { readonly path: string; readonly stamp: string }[];
}

/** The tables of a hot state: each path once, with how it was when its content was read, and each task's places. */
export function collectTables(
  tree: DiskTree,
  tasks: readonly HotTask[],
  startedMs: number,
): Pick<HotContent, "tables" | "links"> {
  const files = new Places((path) => fileNumbers(tree, path));
  const dirs = new Places((path) => dirNumbers(tree, path, startedMs));
  const stamps = new Map(
    tasks.flatMap(({ outputs }) => outputs.map(({ path, stamp }) => [path, stamp] as const)),
  );
  const outputs = new Places((path) => stampNumbers(stamps.get(path) ?? ""));
  const links: number[] = [];
  for (const task of tasks) {
    const fileAt = filesOf(task).map((path) => files.at(path));
    for (const path of readByOthers(tree, task)) files.distrust(path);
    const dirAt = [...withParents(task.dirs)].map((path) => dirs.at(path));
    const outputAt = task.outputs.map(({ path }) => outputs.at(path));
    links.push(fileAt.length, dirAt.length, outputAt.length, ...fileAt, ...dirAt, ...outputAt);
  }
  return {
    tables: { files: files.table, dirs: dirs.table, outputs: outputs.table },
    links: Uint32Array.from(links),
  };
}

class Places {
  readonly #paths: string[] = [];
  readonly #numbers: number[] = [];
  readonly #index = new Map<string, number>();
  readonly #numbersOf: (path: string) => readonly number[];

  constructor(numbersOf: (path: string) => readonly number[]) {
    this.#numbersOf = numbersOf;
  }

  get table(): HotTable {
    return { paths: this.#paths, numbers: Float64Array.from(this.#numbers) };
  }

  at(path: string): number {
    const known = this.#index.get(path);
    if (known !== undefined) return known;
    const index = this.#paths.length;
    this.#index.set(path, index);
    this.#paths.push(path);
    const numbers = this.#numbersOf(path);
    for (let each = 0; each < statNumberCount; each++) this.#numbers.push(numbers[each] ?? racyNumber);
    return index;
  }

  /** So that the next run looks again at whatever it belongs to. */
  distrust(path: string): void {
    this.#numbers[this.at(path) * statNumberCount] = racyNumber;
  }
}

export function filesOf({ marks, absent }: HotTask): string[] {
  return [...Object.keys(marks), ...absent];
}

/** Files that another task of the run read later, and found other bytes. */
export function readByOthers(tree: DiskTree, { marks }: HotTask): string[] {
  return Object.entries(marks).flatMap(([path, mark]) => {
    const known = tree.marks.known(path);
    return known && known.mark !== mark ? [path] : [];
  });
}

/** How a file was when its bytes were read; a file that was not there when it was looked for must stay away. */
export function fileNumbers(tree: DiskTree, path: string): readonly number[] {
  const known = tree.marks.known(path);
  if (known) return known.racy ? [] : known.stat;
  const stat = lookAt(`${tree.root}/${path}`);
  if (!stat) return Array.from({ length: statNumberCount }, () => absentNumber);
  // A submodule counts by its commit, which the index holds; what else came since it was looked for is news.
  return tree.listing.tracked(path) ? statNumbers(stat) : [];
}

export function dirNumbers(tree: DiskTree, path: string, startedMs: number): readonly number[] {
  const known = tree.listing.dirs.get(path);
  if (known?.stat) {
    // Outputs came since it was read: if no other name did, that is how it is now.
    const now = tree.listing.fresh(path);
    return now?.stat && !now.racy && !tree.listing.unsteady(path) ? now.stat : [];
  }
  // Looked at in another way, at a moment that is not known: trusted only if nothing came since the run started.
  const stat = lookBehind(path === "" ? tree.root : `${tree.root}/${path}`);
  return stat && isSettled(stat, startedMs) ? statNumbers(stat) : [];
}

/** New packages and configuration files come in directories above. */
export function withParents(dirs: ReadonlySet<string>): Set<string> {
  const all = new Set(dirs);
  for (const dir of dirs) for (let at = dir; at !== "";) all.add((at = splitPath(at)[0]));
  return all;
}
