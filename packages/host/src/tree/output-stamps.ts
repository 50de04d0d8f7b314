import { lstatSync } from "node:fs";
import { stampOf } from "./stamps.ts";

/** Stamps of what stood where outputs go. */
export class OutputStamps {
  readonly paths: readonly string[];
  readonly stamps: ReadonlyMap<string, string>;
  /** The latest change among them, in milliseconds since the epoch; 0 when there are none. */
  readonly changedMs: number;

  constructor(root: string, paths: readonly string[]) {
    const stamps = new Map<string, string>();
    let changedMs = 0;
    for (const path of paths) {
      const stat = lstatSync(`${root}/${path}`, { throwIfNoEntry: false });
      if (!stat) continue;
      stamps.set(path, stampOf(stat));
      changedMs = Math.max(changedMs, stat.ctimeMs, stat.mtimeMs);
    }
    this.paths = paths.filter((path) => stamps.has(path));
    this.stamps = stamps;
    this.changedMs = changedMs;
  }

  differs(path: string, from: { readonly paths: readonly string[] }): boolean {
    return !(from instanceof OutputStamps) || this.stamps.get(path) !== from.stamps.get(path);
  }
}
