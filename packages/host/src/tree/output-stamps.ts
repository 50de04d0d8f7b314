import { stampOf } from "./stamps.ts";
import { lookAt } from "./look-at.ts";

/** Stamps of what stood where outputs go. */
export class OutputStamps {
  readonly paths: readonly string[];
  readonly stamps: ReadonlyMap<string, string>;
  /** Inode and time of birth: an inode's number alone may be given again. */
  readonly #files: ReadonlyMap<string, string>;

  constructor(root: string, paths: readonly string[]) {
    const stamps = new Map<string, string>();
    const files = new Map<string, string>();
    for (const path of paths) {
      const stat = lookAt(`${root}/${path}`);
      if (!stat) continue;
      stamps.set(path, stampOf(stat));
      files.set(path, `${stat.ino}:${stat.birthtimeMs}`);
    }
    this.paths = paths.filter((path) => stamps.has(path));
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
