import type { Stats } from "node:fs";
import { statNumberCount, statNumbers } from "../tree/stamps.ts";
import { absentNumber, unusedNumber, type HotFile, type HotMore } from "./hot-file.ts";
import type { HotTable } from "./hot-since.ts";
import { lookAt, lookBehind } from "../tree/look-at.ts";

/** What is not as it was: places in the state's tables. All empty: nothing happened since. */
export interface Dirt {
  readonly files: ReadonlySet<number>;
  readonly dirs: ReadonlySet<number>;
  readonly outputs: ReadonlySet<number>;
}

/** True when the files that decide what the tasks are have not been touched. */
export function anchorsHold({ head }: HotFile): boolean {
  return head.anchors.every(([path, before]) => {
    const stat = lookBehind(path);
    if (!stat || !before) return !stat && !before;
    const now = statNumbers(stat);
    return before.every((number, at) => number === now[at]);
  });
}

/** Compares every file, directory and output with what it was. One look at each; nothing is opened. */
export function dirtOf({ head, files, dirs, outputs }: HotFile): Dirt {
  const { root } = head;
  // Seen from where one stands a path is shorter, and needs not be put together: a quarter of what a look costs.
  const prefix = process.cwd() === root ? "" : `${root}/`;
  const dirty = ({ paths, numbers }: HotTable, isSame: Comparison): Set<number> => {
    const found = new Set<number>();
    const gone = new GoneDirectory((dir) => lookAt(prefix + dir) === undefined);
    let at = 0;
    for (const [index, path] of paths.entries()) {
      if (numbers[at] !== unusedNumber) {
        const stat = gone.holds(path) ? undefined : lookAt(path === "" ? root : prefix + path);
        const same = stat ? isSame(stat, numbers, at) : numbers[at] === absentNumber;
        if (!same) found.add(index);
        if (!same && !stat) gone.missed(path);
      }
      at += statNumberCount;
    }
    return found;
  };
  return {
    files: dirty(files, isSameFile),
    dirs: dirty(dirs, isSameDir),
    outputs: dirty(outputs, isSameFile),
  };
}

/** Where a directory is gone, nobody has to look for each of the files that stood in it. */
class GoneDirectory {
  readonly #isGone: (dir: string) => boolean;
  /** Ends with a slash; null: it is still there. */
  #prefix: string | null = null;
  #asked = "";

  constructor(isGone: (dir: string) => boolean) {
    this.#isGone = isGone;
  }

  holds(path: string): boolean {
    return this.#prefix !== null && path.startsWith(this.#prefix);
  }

  missed(path: string): void {
    const dir = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    if (dir === this.#asked) return;
    this.#asked = dir;
    this.#prefix = this.#isGone(dir) ? `${dir}/` : null;
  }
}

type Comparison = (stat: Stats, numbers: Float64Array, at: number) => boolean;

function isSameFile(stat: Stats, numbers: Float64Array, first: number): boolean {
  return (
    stat.mtimeMs === numbers[first] &&
    stat.ctimeMs === numbers[first + 1] &&
    stat.size === numbers[first + 2] &&
    stat.ino === numbers[first + 3] &&
    stat.mode === numbers[first + 4]
  );
}

/** Names that come and go change a directory's mtime; its size and ctime change for reasons of no interest. */
function isSameDir(stat: Stats, numbers: Float64Array, first: number): boolean {
  return stat.mtimeMs === numbers[first] && stat.ino === numbers[first + 3];
}

/** For each task, in the order of the state's tasks: whether its inputs, and whether its outputs, are as they were. */
export function tasksThatHold(
  { links }: HotMore,
  dirt: Dirt,
): readonly { readonly inputs: boolean; readonly outputs: boolean }[] {
  const result: { inputs: boolean; outputs: boolean }[] = [];
  const hold = (from: number, to: number, dirty: ReadonlySet<number>): boolean => {
    if (dirty.size > 0) for (let at = from; at < to; at++) if (dirty.has(links[at] ?? -1)) return false;
    return true;
  };
  for (let at = 0; at < links.length;) {
    const dirs = at + 3 + (links[at] ?? 0);
    const outputs = dirs + (links[at + 1] ?? 0);
    const end = outputs + (links[at + 2] ?? 0);
    const inputs = hold(at + 3, dirs, dirt.files) && hold(dirs, outputs, dirt.dirs);
    result.push({ inputs, outputs: hold(outputs, end, dirt.outputs) });
    at = end;
  }
  return result;
}
