import { lstatSync } from "node:fs";
import { stampOf } from "./stamps.ts";

/** Stamps of what stood where outputs go. */
export class OutputStamps {
  readonly paths: readonly string[];
  readonly stamps: ReadonlyMap<string, string>;

  constructor(root: string, paths: readonly string[]) {
    const stamps = new Map<string, string>();
    for (const path of paths) {
      const stat = lstatSync(`${root}/${path}`, { throwIfNoEntry: false });
      if (!stat) continue;
      stamps.set(path, stampOf(stat));
    }
    this.paths = paths.filter((path) => stamps.has(path));
    this.stamps = stamps;
  }

  differs(path: string, from: { readonly paths: readonly string[] }): boolean {
    return !(from instanceof OutputStamps) || this.stamps.get(path) !== from.stamps.get(path);
  }
}
