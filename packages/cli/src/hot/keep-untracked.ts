import { readdirSync, type Stats } from "node:fs";
import { ignoredByRules, isSettled, lookBehind, statNumbers, type GitRepository } from "@slipway/host/hot";
import { ignoreSettings } from "./ignore-files.ts";
import { indexStat } from "./index-stat.ts";
import {
  dirNumbers,
  ruleNumbers,
  untrackedFile,
  writeUntracked,
  type KeptUntracked,
  type UntrackedLook,
} from "./kept-untracked.ts";

/** A work tree with more directories is left to git: the state of so many is slow to read. */
const dirsMax = 200_000;

/**
 * Keeps what git said about untracked files, for the next question. Directories that are as they were keep their stamps;
 * only what changed is read. Nothing is kept where another repository stands within: git has rules of its own for those.
 */
export async function keepUntracked(
  git: GitRepository,
  env: NodeJS.ProcessEnv,
  { paths, listedMs, index, before }: UntrackedLook,
): Promise<void> {
  if (untrackedFile(git, env) === null) return;
  if (before && before.changed.size === 0 && before.kept.index === index) return;
  const listed = await paths;
  if (listed.some((path) => path.endsWith("/"))) return;
  const tree = { git, env, listedMs };
  const watched = (before && grown(tree, before)) ?? (await watchedAnew(tree, listed));
  if (!watched || indexStat(`${git.gitDir}/index`) !== index) return;
  const [mtimeMs = 0, ctimeMs = 0] = index.split(":").map(Number);
  const isIndexSettled = index !== "none" && isSettled({ mtimeMs, ctimeMs }, listedMs);
  const kept = { ...watched, paths: listed, index: isIndexSettled ? index : "" };
  try {
    writeUntracked(git, env, kept);
  } catch {
    // A full disk or a read-only repository: git is asked again.
  }
}

type Watched = Pick<KeptUntracked, "dirs" | "ignored" | "rules" | "numbers">;

interface Tree {
  readonly git: GitRepository;
  readonly env: NodeJS.ProcessEnv;
  readonly listedMs: number;
}

/** What was watched, and what came. Null: that does not do, because rules came too. */
function grown(tree: Tree, { kept, changed }: NonNullable<UntrackedLook["before"]>): Watched | null {
  const gone = new Set([...changed].flatMap(([at, stat]) => (stat ? [] : [at])));
  const dirs = new Map<string, readonly number[]>();
  for (const [at, dir] of kept.dirs.entries()) {
    const from = at * dirNumbers;
    if (!changed.has(at)) dirs.set(dir, [...kept.numbers.subarray(from, from + dirNumbers)]);
    else if (!gone.has(at)) dirs.set(dir, []);
  }
  const reading = new Reading(tree, dirs, new Set(kept.ignored));
  const isRead = reading.read(
    [...changed].flatMap(([at, stat]) => (stat ? [[kept.dirs[at] ?? "", stat] as const] : [])),
  );
  const known = new Set(kept.rules);
  if (!isRead || reading.rules.some((path) => !known.has(path))) return null;
  const from = kept.dirs.length * dirNumbers;
  return reading.watched(kept.rules, [...kept.numbers.subarray(from)]);
}

async function watchedAnew(tree: Tree, listed: readonly string[]): Promise<Watched | null> {
  const { root } = tree.git;
  const tracked = await tree.git.trackedFiles();
  // Of a submodule git says what it says of no other directory; a name that is no UTF-8 cannot be looked at.
  if (tracked === null || [...tracked, ...listed].some((path) => path.includes(replacement))) return null;
  const dirs = new Map<string, readonly number[]>([["", []]]);
  for (const path of [...tracked, ...listed]) addAbove(dirs, path);
  const reading = new Reading(tree, dirs, new Set());
  const there = [...dirs.keys()].flatMap((dir) => {
    const stat = lookBehind(dir === "" ? root : `${root}/${dir}`);
    if (!stat?.isDirectory()) dirs.delete(dir);
    return stat?.isDirectory() ? [[dir, stat] as const] : [];
  });
  if (!reading.read(there)) return null;
  const rules = [...new Set([...reading.rules, ...ignoreSettings(root, tree.env)])];
  const numbers = rules.map((path) => {
    const stat = lookBehind(path);
    if (stat && !isSettled(stat, tree.listedMs)) return null;
    return stat ? statNumbers(stat) : Array<number>(ruleNumbers).fill(Number.NaN);
  });
  return numbers.includes(null)
    ? null
    : reading.watched(
        rules,
        numbers.flatMap((each) => each ?? []),
      );
}

function addAbove(dirs: Map<string, readonly number[]>, path: string): void {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const dir = path.slice(0, end);
    if (dirs.has(dir)) return;
    dirs.set(dir, []);
  }
}

type Found = readonly (readonly [dir: string, stat: Stats])[];

/** What stands for bytes of a name that are no UTF-8. */
const replacement = "\ufffd";

/** Reads directories, and those in them that git would look into. */
class Reading {
  readonly #tree: Tree;
  readonly #dirs: Map<string, readonly number[]>;
  readonly #ignored: Set<string>;
  readonly rules: string[] = [];

  constructor(tree: Tree, dirs: Map<string, readonly number[]>, ignored: Set<string>) {
    this.#tree = tree;
    this.#dirs = dirs;
    this.#ignored = ignored;
  }

  /** False: what is there cannot be watched. */
  read(found: Found): boolean {
    for (let next = found; next.length > 0;) {
      const news: string[] = [];
      for (const [dir, stat] of next) {
        this.#dirs.set(dir, this.#stampsOf(stat));
        if (!this.#readOne(dir, news)) return false;
      }
      const coming = this.#notIgnored(news);
      if (!coming || this.#dirs.size > dirsMax) return false;
      next = coming;
    }
    return true;
  }

  watched(rules: readonly string[], ruleStamps: readonly number[]): Watched {
    const numbers = Float64Array.from([...[...this.#dirs.values()].flat(), ...ruleStamps]);
    return { dirs: [...this.#dirs.keys()], ignored: [...this.#ignored], rules, numbers };
  }

  /** Touched when git had been asked already, or just before: not to be relied on. */
  #stampsOf(stat: Stats): readonly number[] {
    return isSettled(stat, this.#tree.listedMs)
      ? [stat.mtimeMs, stat.ctimeMs, stat.ino]
      : Array<number>(dirNumbers).fill(Number.NaN);
  }

  #readOne(dir: string, news: string[]): boolean {
    const { root } = this.#tree.git;
    const prefix = dir === "" ? "" : `${dir}/`;
    for (const entry of entriesOf(dir === "" ? root : `${root}/${dir}`)) {
      const path = prefix + entry.name;
      const isWithin = entry.name === ".git" && dir !== "";
      if (isWithin || (entry.isDirectory() && entry.name.includes(replacement))) return false;
      if (entry.name === ".git") continue;
      if (entry.name === ".gitignore") this.rules.push(`${root}/${path}`);
      else if (entry.isDirectory() && !this.#dirs.has(path) && !this.#ignored.has(path)) news.push(path);
    }
    return true;
  }

  #notIgnored(dirs: readonly string[]): Found | null {
    if (dirs.length === 0) return [];
    const { git, env } = this.#tree;
    const ignored = ignoredByRules(
      git.root,
      dirs.map((dir) => `${dir}/`),
      env,
    );
    if (!ignored) return null;
    for (const path of ignored) this.#ignored.add(path.slice(0, -1));
    return dirs.flatMap((dir) => {
      const stat = this.#ignored.has(dir) ? undefined : lookBehind(`${git.root}/${dir}`);
      return stat ? [[dir, stat] as const] : [];
    });
  }
}

function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    // Gone, or closed: git sees nothing there either, and its stamp tells when that changes.
    return [];
  }
}
