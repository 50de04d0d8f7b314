import { readdirSync, type Dirent } from "node:fs";
import type { Environment } from "../git.ts";
import { askGit, type ListingStart } from "./ask-git.ts";
import { IgnoredPaths } from "./ignored-paths.ts";
import { statNumbers, tickMsOf, type StatNumbers } from "./stamps.ts";
import { lookBehind } from "./look-at.ts";
import { TrackedDirs } from "./tracked-dirs.ts";

export interface DirectoryNames {
  /** Of files that count. */
  readonly files: Set<string>;
  readonly dirs: Set<string>;
  /** Names that are there, or will be, and that git ignores. */
  readonly ignored: Set<string>;
}

/** One directory of the work tree that holds files that count, or whose coming files would. */
export interface ListedDirectory extends DirectoryNames {
  /** As it was when its names were last read; null before. */
  readonly stat: StatNumbers | null;
  /** True: it was read within the tick of its own time stamp. */
  readonly racy: boolean;
}

export interface KnownListing {
  readonly start: ListingStart;
  readonly dirs: Map<string, ListedDirectory>;
}

/**
 * The files that count: tracked by git, or untracked and not ignored. The list is kept true while a run goes on: before
 * a directory is used, its time stamp says whether names came or went since.
 */
export class Listing {
  readonly #root: string;
  readonly #tracked: ReadonlyMap<string, string | null>;
  readonly #dirs: Map<string, ListedDirectory>;
  readonly #listedMs: number | null;
  readonly #ignored: IgnoredPaths;
  /** Directories that are git repositories of their own: what counts in them they say themselves. */
  readonly nested: readonly string[];
  readonly #trackedDirs: TrackedDirs;
  /** Of directories to which names came, or from which some went, since they were first looked at: what all have seen. */
  readonly #unsteady = new Map<string, DirectoryNames>();
  /** Directories that this process has read. */
  readonly readNow = new Set<string>();

  private constructor(root: string, env: Environment, known: KnownListing) {
    this.#root = root;
    this.#tracked = known.start.tracked;
    this.#trackedDirs = new TrackedDirs(this.#tracked);
    this.#listedMs = known.start.listedMs;
    this.#dirs = known.dirs;
    const isTracked = (path: string): boolean => this.#isTracked(path);
    const { nested } = known.start;
    this.nested = nested;
    const { isGit } = this;
    this.#ignored = new IgnoredPaths({ root, env, nested, dirs: () => this.#dirs.keys(), isTracked, isGit });
  }

  /** @param wanted root-relative directories whose files are asked for, as those of packages: also in a repository that git ignores */
  static async open(root: string, env: Environment, wanted: readonly string[] = []): Promise<Listing> {
    return Listing.of(root, env, await askGit(root, env, wanted));
  }

  static of(root: string, env: Environment, start: ListingStart): Listing {
    const dirs = new Map<string, ListedDirectory>([["", newDirectory()]]);
    for (const path of start.tracked.keys()) addPath(dirs, path);
    for (const path of start.untracked) addPath(dirs, path);
    // Also without a file: then one that comes is news.
    for (const dir of start.nested) directoryIn(dirs, dir);
    return new Listing(root, env, { start, dirs });
  }

  /** Takes over what an earlier process knew of its directories; their time stamps are compared before use. */
  static known(root: string, env: Environment, known: KnownListing): Listing {
    return new Listing(root, env, known);
  }

  /** The commit of a submodule; null for any other tracked file; undefined for what git does not track. */
  tracked(path: string): string | null | undefined {
    return this.#tracked.get(path);
  }

  /** False: no git here; what its ignore files name does not count all the same. */
  get isGit(): boolean {
    return this.#listedMs !== null;
  }

  get allTracked(): ReadonlyMap<string, string | null> {
    return this.#tracked;
  }

  /** Names came to the directory or went since it was first looked at: then those that all who looked have seen. */
  unsteady(dir: string): DirectoryNames | undefined {
    return this.#unsteady.get(dir);
  }

  /** Somebody read the names of the directory without asking here, not before `sinceMs`. */
  wasRead(dir: string, sinceMs: number): void {
    if (!this.#dirs.has(dir)) return;
    const before = this.#unsteady.get(dir) ?? this.#dirs.get(dir);
    const now = this.fresh(dir);
    const [mtimeMs = 0, ctimeMs = 0] = now?.stat ?? [];
    if (before && now && mtimeMs + tickMsOf({ mtimeMs, ctimeMs }) >= sinceMs)
      this.#unsteady.set(dir, inBoth(before, now));
  }

  /** From here on: nobody goes by what was there before. */
  watchNames(): void {
    this.#unsteady.clear();
  }

  /** Directories as they were when they were last looked at. */
  get dirs(): ReadonlyMap<string, ListedDirectory> {
    return this.#dirs;
  }

  counts(path: string): boolean {
    if (this.#tracked.has(path)) return true;
    const [dir, name] = splitPath(path);
    return this.#dirs.get(dir)?.files.has(name) ?? false;
  }

  /** All files that count in `dir` and below, as they are now; they may be gone a moment later. */
  below(dir: string, seen: Set<string>): string[] {
    const found: string[] = [];
    this.#collect(dir, found, seen);
    return found;
  }

  /** True when a file of this name counts, as its directory is now. */
  has(path: string, seen: Set<string>): boolean {
    const [dir, name] = splitPath(path);
    seen.add(dir);
    return this.fresh(dir)?.files.has(name) ?? false;
  }

  /** Says which directories of outputs git ignores, so that their coming is no news. */
  expect(dirs: readonly string[]): void {
    this.#ignored.ask(dirs);
    for (const path of this.#ignored.among(dirs)) {
      const [dir, name] = splitPath(path.replace(/\/$/, ""));
      this.#dirs.get(dir)?.ignored.add(name);
    }
  }

  /** True when git ignores the directory or one above it; git is asked only about what was not expected. */
  ignores(dir: string): boolean {
    if (dir === "") return false;
    const [above, name] = splitPath(dir);
    if (this.#dirs.has(dir)) return false;
    if (this.#dirs.get(above)?.ignored.has(name) || this.ignores(above)) return true;
    return this.#ignored.among([`${dir}/`]).length > 0;
  }

  /** True: git ignores all that is in the directory, and is not itself there. */
  hides(dir: string): boolean {
    if (this.#isTracked(`${dir}/`)) return false;
    for (let at = dir; at !== ""; [at] = splitPath(at)) {
      if (this.nested.includes(at)) return false;
      if (this.#ignored.among([`${at}/`]).length > 0) return true;
    }
    return false;
  }

  /** With a slash at its end: a directory in which something is tracked. */
  #isTracked(path: string): boolean {
    return path.endsWith("/") ? this.#trackedDirs.has(path) : this.#tracked.has(path);
  }

  #collect(dir: string, found: string[], seen: Set<string>): void {
    const known = this.fresh(dir);
    if (!known) return;
    seen.add(dir);
    const prefix = dir === "" ? "" : `${dir}/`;
    for (const name of known.files) found.push(prefix + name);
    for (const name of known.dirs) this.#collect(prefix + name, found, seen);
  }

  /** The directory's names, read again when its time stamp is not the known one; undefined when it is gone. */
  fresh(dir: string): ListedDirectory | undefined {
    const stat = lookBehind(dir === "" ? this.#root : `${this.#root}/${dir}`);
    if (!stat?.isDirectory()) return undefined;
    const known = this.#dirs.get(dir) ?? newDirectory();
    const before = known.stat;
    if (before && !known.racy && before[0] === stat.mtimeMs && before[3] === stat.ino) return known;
    const readMs = Date.now();
    const isListed =
      before === null && this.#listedMs !== null && stat.mtimeMs + tickMsOf(stat) < this.#listedMs;
    const names = this.#read(dir, known, isListed);
    const made = { ...names, stat: statNumbers(stat), racy: stat.mtimeMs + tickMsOf(stat) >= readMs };
    this.#dirs.set(dir, made);
    this.readNow.add(dir);
    if (before && !hasSameNames(known, made))
      this.#unsteady.set(dir, inBoth(this.#unsteady.get(dir) ?? known, made));
    return made;
  }

  /** @param isListed nothing came since git made its list: what is not in the list is ignored, or an empty directory */
  #read(dir: string, known: ListedDirectory, isListed: boolean): DirectoryNames {
    const entries = namesIn(dir === "" ? this.#root : `${this.#root}/${dir}`);
    const present = new Set(entries.map(({ name }) => name));
    const files = new Set([...known.files].filter((name) => present.has(name)));
    const dirs = new Set([...known.dirs].filter((name) => present.has(name)));
    const ignored = new Set(known.ignored);
    const unknown = entries.filter(({ name }) => !files.has(name) && !dirs.has(name) && !ignored.has(name));
    const news = unknown.filter(({ name }) => !neverCounts(name));
    // A directory without files that count is in no list of git's, and is not ignored for that.
    const doubtful = isListed ? news.filter((entry) => entry.isDirectory()) : news;
    const isIgnored = this.#ignoredIn(dir, doubtful, isListed);
    for (const entry of news) {
      if (isIgnored(entry.name)) ignored.add(entry.name);
      else if (entry.isDirectory()) dirs.add(entry.name);
      else if (entry.isFile() || entry.isSymbolicLink()) files.add(entry.name);
    }
    return { files, dirs, ignored };
  }

  #ignoredIn(dir: string, doubtful: readonly Dirent[], others: boolean): (name: string) => boolean {
    if (doubtful.length === 0) return () => others;
    const prefix = dir === "" ? "" : `${dir}/`;
    const paths = doubtful.map((entry) => `${prefix}${entry.name}${entry.isDirectory() ? "/" : ""}`);
    const ignored = new Set(this.#ignored.among(paths).map((path) => path.replace(/\/$/, "")));
    const asked = new Set(doubtful.map(({ name }) => name));
    return (name) => (asked.has(name) ? ignored.has(prefix + name) : others);
  }
}

function hasSameNames(one: ListedDirectory, other: ListedDirectory): boolean {
  const isOnlyKnown = [...other.ignored].every((name) => one.ignored.has(name));
  return isOnlyKnown && hasSame(one.files, other.files) && hasSame(one.dirs, other.dirs);
}

function inBoth(one: DirectoryNames, other: DirectoryNames): DirectoryNames {
  const of = (kind: keyof DirectoryNames): Set<string> =>
    new Set([...one[kind]].filter((name) => other[kind].has(name)));
  return { files: of("files"), dirs: of("dirs"), ignored: of("ignored") };
}

function hasSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((name) => other.has(name));
}

function newDirectory(): ListedDirectory {
  return { files: new Set(), dirs: new Set(), ignored: new Set(), stat: null, racy: false };
}

function addPath(dirs: Map<string, ListedDirectory>, path: string): void {
  const [dir, name] = splitPath(path);
  directoryIn(dirs, dir).files.add(name);
}

function directoryIn(dirs: Map<string, ListedDirectory>, dir: string): ListedDirectory {
  const known = dirs.get(dir);
  if (known) return known;
  const made = newDirectory();
  dirs.set(dir, made);
  const [above, name] = splitPath(dir);
  directoryIn(dirs, above).dirs.add(name);
  return made;
}

export function splitPath(path: string): [dir: string, name: string] {
  const slash = path.lastIndexOf("/");
  return [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)];
}

function neverCounts(name: string): boolean {
  return name === ".git" || name === "node_modules";
}

function namesIn(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
