/** So many are searched for among all files: that costs less than to know all directories. */
const searchesMax = 8;

/** The directories in which git tracks something. */
export class TrackedDirs {
  readonly #tracked: ReadonlyMap<string, unknown>;
  #searches = 0;
  #all: ReadonlySet<string> | null = null;

  /** @param tracked by path */
  constructor(tracked: ReadonlyMap<string, unknown>) {
    this.#tracked = tracked;
  }

  /** @param dir with a slash at its end */
  has(dir: string): boolean {
    if (!this.#all && ++this.#searches <= searchesMax) return this.#isFound(dir);
    this.#all ??= dirsOf(this.#tracked.keys());
    return this.#all.has(dir.slice(0, -1));
  }

  #isFound(dir: string): boolean {
    for (const path of this.#tracked.keys()) if (path.startsWith(dir)) return true;
    return false;
  }
}

function dirsOf(paths: Iterable<string>): Set<string> {
  const dirs = new Set<string>();
  for (const path of paths) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const dir = path.slice(0, end);
      if (dirs.has(dir)) break;
      dirs.add(dir);
    }
  }
  return dirs;
}
