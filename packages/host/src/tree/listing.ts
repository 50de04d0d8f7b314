import { readdirSync, statSync, type Dirent } from "node:fs";
import { readGit, type Environment } from "../git.ts";
import { stampTickMs } from "./file-marks.ts";
import { ignoredByGit } from "./git-ignored.ts";

interface FirstList {
  readonly tracked: ReadonlyMap<string, string | null>;
  readonly all: readonly string[];
  readonly listedMs: number | null;
}

/**
 * Lists the files that count and keeps the list true while a run goes on: before a directory is used, its time stamp
 * says whether names came or went since.
 */
export class Listing {
  readonly #root: string;
  readonly #env: Environment;
  readonly #tracked: Map<string, string | null>;
  /** Per directory the names of files in it that count, and of directories that hold some. */
  readonly #dirs = new Map<string, Directory>();
  /** When git was asked for its list; null outside git, where everything counts. */
  readonly #listedMs: number | null;

  private constructor(root: string, env: Environment, start: FirstList) {
    this.#root = root;
    this.#env = env;
    this.#tracked = new Map(start.tracked);
    this.#listedMs = start.listedMs;
    for (const path of start.all) this.#add(path);
    if (!this.#dirs.has("")) this.#dirs.set("", newDirectory());
  }

  static async open(root: string, env: Environment): Promise<Listing> {
    const startMs = Date.now();
    const [tracked, untracked] = await Promise.all([
      readGit(root, ["ls-files", "-z", "--stage"], env),
      readGit(root, ["ls-files", "-z", "--others", "--exclude-standard"], env),
    ]);
    if (tracked.exitCode !== 0 || untracked.exitCode !== 0) {
      return new Listing(root, env, { tracked: new Map(), all: [], listedMs: null });
    }
    const stages = tracked.stdout.toString("utf8").split("\0").filter(Boolean).map(readStage);
    const others = untracked.stdout
      .toString("utf8")
      .split("\0")
      .filter((path) => path !== "" && !inModules(path));
    return new Listing(root, env, {
      tracked: new Map(stages),
      all: [...stages.map(([path]) => path), ...others.map((path) => path.replace(/\/$/, ""))],
      listedMs: startMs,
    });
  }

  /** The commit of a submodule; null for any other tracked file; undefined for what git does not track. */
  tracked(path: string): string | null | undefined {
    return this.#tracked.get(path);
  }

  counts(path: string): boolean {
    if (this.#tracked.has(path)) return true;
    const slash = path.lastIndexOf("/");
    const dir = this.#dirs.get(path.slice(0, Math.max(0, slash)));
    return dir?.files.has(path.slice(slash + 1)) ?? false;
  }

  /** All files that count in `dir` and below, as they are now; they may be gone a moment later. */
  below(dir: string): string[] {
    const found: string[] = [];
    this.#collect(dir, found);
    return found;
  }

  /** Names of files that count directly in `dir`, as they are now. */
  namesIn(dir: string): { readonly files: ReadonlySet<string> } {
    return this.#fresh(dir) ?? newDirectory();
  }

  /** Says which directories of outputs git ignores, so that their coming is no news. */
  expect(dirs: readonly string[]): void {
    if (this.#listedMs === null) return;
    for (const path of ignoredByGit(this.#root, dirs, this.#env)) {
      const slash = path.lastIndexOf("/");
      this.#dirs.get(path.slice(0, Math.max(0, slash)))?.ignored.add(path.slice(slash + 1));
    }
  }

  #collect(dir: string, found: string[]): void {
    const known = this.#fresh(dir);
    if (!known) return;
    const prefix = dir === "" ? "" : `${dir}/`;
    for (const name of known.files) found.push(prefix + name);
    for (const name of known.dirs) this.#collect(prefix + name, found);
  }

  /** The directory's names, read again when its time stamp is not the known one; undefined when it is gone. */
  #fresh(dir: string): Directory | undefined {
    const stat = statSync(dir === "" ? this.#root : `${this.#root}/${dir}`, { throwIfNoEntry: false });
    if (!stat?.isDirectory()) return undefined;
    const known = this.#dirs.get(dir);
    if (known && known.mtimeMs === stat.mtimeMs && !known.racy) return known;
    const readMs = Date.now();
    const listedMs = this.#listedMs ?? Number.NEGATIVE_INFINITY;
    const isListed = known?.mtimeMs === -1 && stat.mtimeMs + stampTickMs < listedMs;
    const names = this.#read(dir, known ?? newDirectory(), isListed);
    const racy = stat.mtimeMs + stampTickMs >= readMs;
    const fresh = { ...names, mtimeMs: stat.mtimeMs, racy };
    this.#dirs.set(dir, fresh);
    return fresh;
  }

  /** @param isListed nothing came since git made its list: what is not in the list is ignored */
  #read(dir: string, known: Directory, isListed: boolean): Pick<Directory, "files" | "dirs" | "ignored"> {
    const entries = namesIn(dir === "" ? this.#root : `${this.#root}/${dir}`);
    const present = new Set(entries.map(({ name }) => name));
    const files = new Set([...known.files].filter((name) => present.has(name)));
    const dirs = new Set([...known.dirs].filter((name) => present.has(name)));
    const ignored = new Set(known.ignored);
    const unknown = entries.filter(({ name }) => !files.has(name) && !dirs.has(name) && !ignored.has(name));
    const news = unknown.filter(({ name }) => !neverCounts(name));
    const isIgnored = isListed ? () => true : this.#ignoredIn(dir, news);
    for (const entry of news) {
      if (isIgnored(entry.name)) ignored.add(entry.name);
      else if (entry.isDirectory()) dirs.add(entry.name);
      else if (entry.isFile() || entry.isSymbolicLink()) files.add(entry.name);
    }
    return { files, dirs, ignored };
  }

  #ignoredIn(dir: string, news: readonly Dirent[]): (name: string) => boolean {
    if (this.#listedMs === null || news.length === 0) return () => false;
    const prefix = dir === "" ? "" : `${dir}/`;
    const paths = news.map((entry) => `${prefix}${entry.name}${entry.isDirectory() ? "/" : ""}`);
    const ignored = ignoredByGit(this.#root, paths, this.#env);
    return (name) => ignored.has(prefix + name);
  }

  #add(path: string): void {
    const slash = path.lastIndexOf("/");
    const dir = this.#directory(path.slice(0, Math.max(0, slash)));
    dir.files.add(path.slice(slash + 1));
  }

  #directory(dir: string): Directory {
    const known = this.#dirs.get(dir);
    if (known) return known;
    const made = newDirectory();
    this.#dirs.set(dir, made);
    if (dir !== "") {
      const slash = dir.lastIndexOf("/");
      this.#directory(dir.slice(0, Math.max(0, slash))).dirs.add(dir.slice(slash + 1));
    }
    return made;
  }
}

interface Directory {
  readonly files: Set<string>;
  readonly dirs: Set<string>;
  /** Names that are there, or will be, and that git ignores. */
  readonly ignored: Set<string>;
  /** When names last came or went; -1 before the directory was looked at. */
  readonly mtimeMs: number;
  readonly racy: boolean;
}

function newDirectory(): Directory {
  return { files: new Set(), dirs: new Set(), ignored: new Set(), mtimeMs: -1, racy: false };
}

function inModules(path: string): boolean {
  return path.startsWith("node_modules/") || path.includes("/node_modules/");
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

/** `100644 OBJECT STAGE\tPATH`; mode 160000 is a submodule. */
function readStage(line: string): [path: string, commit: string | null] {
  const tab = line.indexOf("\t");
  const [mode = "", object = ""] = line.slice(0, tab).split(" ");
  return [line.slice(tab + 1), mode === "160000" ? object : null];
}
