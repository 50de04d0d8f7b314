import { UserError } from "@slipway/kernel";
import { existsSync, readdirSync, watch, type FSWatcher } from "node:fs";
import { lookAt } from "../tree/look-at.ts";

export interface TreeWatcherOptions {
  /** Absolute root of the work tree. */
  readonly root: string;
  /** Absolute; while git holds its index in it, the tree is between two states. Null outside git. */
  readonly gitDir: string | null;
  /** False for a directory that came and whose files cannot count. */
  wants(dir: string): boolean;
  /** Told once things have become quiet: root-relative paths of files that came, changed or went, and when they last did. */
  onChanges(atMs: ReadonlyMap<string, number>): void;
  onFault(error: unknown): void;
}

/** Editors write a file in several steps, and git many files: so long nothing may happen before changes are told. */
const quietMs = 60;
/** Something always happens somewhere; then changes are told all the same. */
const waitMsMax = 1000;
/** A git that was killed leaves its lock behind. */
const gitMsMax = 10_000;

/**
 * Watches directories of a work tree, each by itself, so that what is in no list (`node_modules`, outputs) costs
 * nothing. What comes in a watched directory is watched too, if it is wanted.
 */
export class TreeWatcher {
  readonly #options: TreeWatcherOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #changed = new Map<string, number>();
  #firstMs = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: TreeWatcherOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#watchers.size;
  }

  /** Watches these directories beside those that it watches already. A directory that is not there is passed over. */
  add(dirs: Iterable<string>): void {
    for (const dir of dirs) if (!this.#watchers.has(dir)) this.#watch(dir);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(dir: string): void {
    try {
      const watcher = watch(this.#absolute(dir), (kind, name) => this.#happened(dir, kind, name));
      watcher.on("error", () => this.#forget(dir));
      this.#watchers.set(dir, watcher);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return;
      throw code === "ENOSPC" || code === "EMFILE" ? tooMany(this.#watchers.size) : error;
    }
  }

  #happened(dir: string, kind: string, name: string | null): void {
    try {
      const path = name === null ? dir : dir === "" ? name : `${dir}/${name}`;
      // A directory that goes says so by its own name as well.
      if (kind === "rename" && !existsSync(this.#absolute(dir))) this.#forget(dir);
      const stat = lookAt(this.#absolute(path));
      if (stat?.isDirectory()) this.#came(path);
      else this.#tell(path);
    } catch (error) {
      this.#options.onFault(error);
    }
  }

  /** Files that came with a directory, or before it was watched, are changes too. */
  #came(dir: string): void {
    if (this.#watchers.has(dir) || neverCounts(dir) || !this.#options.wants(dir)) return;
    this.#watch(dir);
    for (const entry of readdirSync(this.#absolute(dir), { withFileTypes: true })) {
      const path = `${dir}/${entry.name}`;
      if (entry.isDirectory()) this.#came(path);
      else this.#tell(path);
    }
  }

  #forget(dir: string): void {
    for (const [each, watcher] of this.#watchers) {
      if (each !== dir && !each.startsWith(`${dir}/`)) continue;
      watcher.close();
      this.#watchers.delete(each);
    }
  }

  #tell(path: string): void {
    if (neverCounts(path)) return;
    if (this.#changed.size === 0) this.#firstMs = Date.now();
    this.#changed.set(path, Date.now());
    if (Date.now() - this.#firstMs > waitMsMax && this.#timer) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), quietMs);
  }

  #flush(): void {
    this.#timer = null;
    const { gitDir } = this.#options;
    const isBetween = gitDir !== null && existsSync(`${gitDir}/index.lock`);
    if (isBetween && Date.now() - this.#firstMs < gitMsMax) {
      this.#timer = setTimeout(() => this.#flush(), quietMs);
      return;
    }
    const changed = this.#changed;
    this.#changed = new Map();
    this.#options.onChanges(changed);
  }

  #absolute(path: string): string {
    return path === "" ? this.#options.root : `${this.#options.root}/${path}`;
  }
}

function neverCounts(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === ".git" || name === "node_modules";
}

function tooMany(count: number): UserError {
  return new UserError("host/too-many-watched", `the system lets nobody watch more than ${count} folders`, {
    hint: "raise fs.inotify.max_user_watches (Linux: `sysctl fs.inotify.max_user_watches=524288`)",
  });
}
