import { stampOf } from "./stamps.ts";
import { accessSync, constants, type Stats } from "node:fs";
import { lookAt } from "./look-at.ts";
import type { Walked } from "./walk.ts";

/** Stamps of what stood where outputs go. */
export class OutputStamps {
  readonly paths: readonly string[];
  readonly stamps: ReadonlyMap<string, string>;
  /** What stands there and no store could give back: pipes and sockets, what may not be read, names that are no UTF-8. */
  readonly unkeepable: readonly string[];
  /** Inode and time of birth: an inode's number alone may be given again. */
  readonly #files: ReadonlyMap<string, string>;

  constructor(root: string, { paths, odd }: Pick<Walked, "paths" | "odd">) {
    const stamps = new Map<string, string>();
    const files = new Map<string, string>();
    const unkeepable = [...odd];
    for (const path of paths) {
      const absolute = `${root}/${path}`;
      const stat = lookAt(absolute);
      const isKeepable = stat ? isReadable(absolute, stat) : !path.includes(replacement);
      if (!isKeepable) unkeepable.push(path);
      if (!stat || !isKeepable) continue;
      stamps.set(path, stampOf(stat));
      files.set(path, `${stat.ino}:${stat.birthtimeMs}`);
    }
    this.paths = paths.filter((path) => stamps.has(path));
    this.unkeepable = unkeepable;
    this.stamps = stamps;
    this.#files = files;
  }

  isSameFile(path: string, as: { readonly paths: readonly string[] }): boolean {
    return (
      as instanceof OutputStamps && this.#files.has(path) && this.#files.get(path) === as.#files.get(path)
    );
  }

  differs(path: string, from: { readonly paths: readonly string[] }): boolean {
    return !(from instanceof OutputStamps) || this.stamps.get(path) !== from.stamps.get(path);
  }
}

/** What stands for bytes of a name that are no UTF-8: by such a name nothing is found. */
const replacement = "\ufffd";

/** Asked only where the mode leaves it open. */
function isReadable(path: string, stat: Stats): boolean {
  if (!stat.isFile() || (stat.mode & 0o444) === 0o444) return true;
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
