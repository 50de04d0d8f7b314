import type { DiskTree, StampedPath } from "../tree/disk-tree.ts";
import { splitPath } from "../tree/listing.ts";
import { lookBehind } from "../tree/look-at.ts";
import { stampNumbers, statNumberCount } from "../tree/stamps.ts";
import { dirNumbers, fileNumbers, filesOf, readByOthers, withParents, type HotTask } from "./collect.ts";
import { racyNumber, unusedNumber, type HotFile, type HotMore, type HotTables } from "./hot-file.ts";
import {
  linksAt,
  linkStarts,
  patchedLinks,
  patchedTable,
  type HotKind,
  type HotSince,
  type HotTable,
  type SinceRow,
  type TaskLinks,
} from "./hot-since.ts";
import { keptDirectory } from "./kept-listing.ts";
import type { Dirt } from "./validate.ts";

const kinds = ["files", "dirs", "outputs"] as const satisfies readonly HotKind[];

/** What a run found, on top of the state that it went on from: only what it looked at is another now. */
export class HotEdit {
  readonly #tree: DiskTree;
  readonly #more: HotMore;
  readonly #dirt: Dirt;
  readonly #tables: Readonly<Record<HotKind, TableEdit>>;
  readonly #starts: readonly number[];
  readonly #links: Map<number, TaskLinks>;
  readonly #dirs = new Set<string>();
  /** Rows that some task went by and goes by no more. */
  readonly #left = { files: new Set<number>(), dirs: new Set<number>(), outputs: new Set<number>() };

  constructor(
    state: HotFile,
    more: HotMore,
    { tree, dirt }: { readonly tree: DiskTree; readonly dirt: Dirt },
  ) {
    this.#tree = tree;
    this.#more = more;
    this.#dirt = dirt;
    const { files, dirs, outputs, since } = state;
    this.#tables = {
      files: new TableEdit(files, since?.tables.files),
      dirs: new TableEdit(dirs, since?.tables.dirs),
      outputs: new TableEdit(outputs, since?.tables.outputs),
    };
    this.#starts = linkStarts(more.links);
    this.#links = new Map(since?.links);
    this.#tables.dirs.know(dirs.paths.keys());
    for (const at of dirt.dirs) this.#dirs.add(dirs.paths[at] ?? "");
  }

  /** The task's inputs were looked at anew. @param at its place among the tasks */
  look(at: number, task: HotTask): void {
    const before = this.#linksOf(at);
    for (const kind of kinds) this.#tables[kind].know(before[kind]);
    const { files, outputs, dirs } = this.#tables;
    const others = new Set(readByOthers(this.#tree, task));
    const links = {
      files: filesOf(task).map((path) => {
        const numbers = others.has(path) ? [] : fileNumbers(this.#tree, path);
        // What was not touched before the run and is another now, others may have seen as it was.
        const place = files.placeOf(path);
        const isNews = place === undefined || this.#dirt.files.has(place);
        return files.set(path, isNews || files.isSame(place, numbers) ? numbers : []);
      }),
      dirs: [...withParents(task.dirs)].map((path) => {
        this.#dirs.add(path);
        return dirs.placeOf(path) ?? dirs.set(path, []);
      }),
      outputs: task.outputs.map(({ path, stamp }) => outputs.set(path, stampNumbers(stamp))),
    };
    this.#links.set(at, links);
    for (const kind of kinds) for (const place of before[kind]) this.#left[kind].add(place);
    for (const kind of kinds) for (const place of links[kind]) this.#left[kind].delete(place);
    this.#wrote(task.outputs);
  }

  /** The task's outputs were put back. */
  restored(at: number, written: readonly StampedPath[]): void {
    const { outputs } = this.#tables;
    outputs.know(this.#linksOf(at).outputs);
    for (const { path, stamp } of written)
      if (outputs.placeOf(path) !== undefined) outputs.set(path, stampNumbers(stamp));
    this.#wrote(written);
  }

  /** When all tasks are there: directories as they are now, and no rows that nobody goes by any more. */
  end(startedMs: number): void {
    const { dirs } = this.#tables;
    for (const path of this.#dirs) {
      const at = dirs.placeOf(path);
      if (at === undefined) continue;
      const stat = lookBehind(path === "" ? this.#tree.root : `${this.#tree.root}/${path}`);
      if (!stat || !dirs.isAt(at, stat)) dirs.set(path, dirNumbers(this.#tree, path, startedMs));
    }
    this.#dropUnused();
  }

  get links(): Uint32Array {
    return patchedLinks(this.#more.links, [...this.#links]);
  }

  get tables(): HotTables {
    const { files, dirs, outputs } = this.#tables;
    return { files: files.table, dirs: dirs.table, outputs: outputs.table };
  }

  get rowCount(): number {
    return kinds.reduce((sum, kind) => sum + this.#tables[kind].rowCount, 0);
  }

  /** @param listed directories that were read since the state was written whole, before this run */
  since(listed: HotSince["listing"]): Pick<HotSince, "tables" | "links" | "listing"> {
    const { files, dirs, outputs } = this.#tables;
    const read = new Set([...listed.map(([path]) => path), ...this.#tree.listing.readNow]);
    return {
      tables: { files: files.rows, dirs: dirs.rows, outputs: outputs.rows },
      links: [...this.#links],
      listing: [...read].map((path) => [path, keptDirectory(this.#tree, path)] as const),
    };
  }

  #linksOf(at: number): TaskLinks {
    return this.#links.get(at) ?? linksAt(this.#more.links, this.#starts[at] ?? 0);
  }

  /** What an output came into may be a directory that some task goes by. */
  #wrote(outputs: readonly StampedPath[]): void {
    for (const dir of withParents(new Set(outputs.map(({ path }) => splitPath(path)[0]))))
      this.#dirs.add(dir);
  }

  #dropUnused(): void {
    if (kinds.every((kind) => this.#left[kind].size === 0)) return;
    for (const at of this.#starts.keys()) {
      const links = this.#linksOf(at);
      for (const kind of kinds) for (const place of links[kind]) this.#left[kind].delete(place);
    }
    for (const kind of kinds) this.#tables[kind].drop(this.#left[kind]);
  }
}

class TableEdit {
  readonly #base: HotTable;
  readonly #places = new Map<string, number>();
  /** Rows that are others than in the state as it was written whole, with the paths of those that it has not. */
  readonly #rows: Map<number, { readonly path: string | null; readonly numbers: readonly number[] }>;
  #count: number;

  constructor(base: HotTable, since: readonly SinceRow[] = []) {
    this.#base = base;
    this.#count = base.paths.length;
    this.#rows = new Map(
      since.map(([at, path, numbers]) => [at, { path, numbers: numbers.map((each) => each ?? racyNumber) }]),
    );
  }

  /** Rows are found by path when they were made known: a path may stand in a table twice, for different tasks. */
  know(places: Iterable<number>): void {
    for (const at of places) {
      const path = this.#rows.get(at)?.path ?? this.#base.paths[at];
      if (path !== undefined) this.#places.set(path, at);
    }
  }

  placeOf(path: string): number | undefined {
    return this.#places.get(path);
  }

  isSame(at: number, numbers: readonly number[]): boolean {
    return this.#numbersAt(at).every((each, place) => each === numbers[place]);
  }

  /** A directory that is the same one, and to which no names came and from which none went. */
  isAt(at: number, { mtimeMs, ino }: { readonly mtimeMs: number; readonly ino: number }): boolean {
    const numbers = this.#numbersAt(at);
    return numbers[0] === mtimeMs && numbers[3] === ino;
  }

  /** @returns the row's place */
  set(path: string, numbers: readonly number[]): number {
    const at = this.#places.get(path) ?? this.#count++;
    this.#places.set(path, at);
    const isNew = at >= this.#base.paths.length || this.#rows.get(at)?.path != null;
    const isWhole = numbers.length === statNumberCount;
    const filled = isWhole
      ? numbers
      : Array.from({ length: statNumberCount }, (_, each) => numbers[each] ?? racyNumber);
    this.#rows.set(at, { path: isNew ? path : null, numbers: filled });
    return at;
  }

  drop(places: Iterable<number>): void {
    for (const at of places) {
      const path = this.#rows.get(at)?.path ?? null;
      this.#rows.set(at, { path, numbers: Array.from({ length: statNumberCount }, () => unusedNumber) });
    }
  }

  get rowCount(): number {
    return this.#rows.size;
  }

  get rows(): SinceRow[] {
    const sorted = [...this.#rows].toSorted(([one], [other]) => one - other);
    return sorted.map(([at, { path, numbers }]) => [at, path, numbers]);
  }

  /** All of it, with what is another now. */
  get table(): HotTable {
    return patchedTable(this.#base, this.rows);
  }

  #numbersAt(at: number): readonly number[] {
    const from = at * statNumberCount;
    return this.#rows.get(at)?.numbers ?? [...this.#base.numbers.subarray(from, from + statNumberCount)];
  }
}
