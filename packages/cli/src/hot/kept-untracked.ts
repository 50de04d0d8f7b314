import {
  lookBehind,
  readChecked,
  shortName,
  statNumbers,
  writeChecked,
  type GitRepository,
} from "@slipway/host/hot";
import type { Stats } from "node:fs";
import { isGitPlain } from "./git-is-plain.ts";
import { indexStat } from "./index-stat.ts";

/**
 * What git neither tracks nor ignores, as it last listed it, and all that tells whether it would list the same again:
 * the time stamps of all directories that it looked into, of its index, and of whatever says what is ignored.
 */
export interface KeptUntracked {
  readonly paths: readonly string[];
  /** Of git's index; empty where it was too fresh to tell a later change. */
  readonly index: string;
  /** Relative to the root, which is the empty string. */
  readonly dirs: readonly string[];
  /** Directories in them that git ignores, so that it does not look into them. */
  readonly ignored: readonly string[];
  /** Files that say what to ignore, absolute, there or not. */
  readonly rules: readonly string[];
  /** Three numbers of each directory and five of each rule file; NaN: not there, or not to be relied on. */
  readonly numbers: Float64Array;
}

/** More directories are handed to git by the dozen: then it looks at all of them as soon. */
const askedMax = 64;
export const dirNumbers = 3;
export const ruleNumbers = 5;

/** A question about what is untracked, and what was found out on the way. */
export interface UntrackedLook {
  readonly paths: Promise<readonly string[]>;
  /** When git was asked, or would have been. */
  readonly listedMs: number;
  readonly index: string;
  /** Null: nothing that was kept can be used. */
  readonly before: {
    readonly kept: KeptUntracked;
    /** Places in `kept.dirs`, with what stands there now. */
    readonly changed: ReadonlyMap<number, Stats | undefined>;
  } | null;
}

/** Null where git alone can say it: variables may make it see another work tree. */
export function untrackedFile(git: GitRepository, env: NodeJS.ProcessEnv): string | null {
  return isGitPlain(env) ? `${git.commonDir}/slipway/untracked/${shortName(keyOf(git, env))}` : null;
}

function keyOf({ root, gitDir }: GitRepository, { HOME, XDG_CONFIG_HOME }: NodeJS.ProcessEnv): string {
  return JSON.stringify(["untracked-1", root, gitDir, HOME ?? null, XDG_CONFIG_HOME ?? null]);
}

/** Asks git for no more than what nobody knows; as soon as that is clear, so that it looks while others do. */
export function lookForUntracked(git: GitRepository, env: NodeJS.ProcessEnv): UntrackedLook {
  const listedMs = Date.now();
  const index = indexStat(`${git.gitDir}/index`);
  const path = untrackedFile(git, env);
  const kept = path === null ? null : readUntracked(path, keyOf(git, env));
  if (!kept || !rulesHold(kept)) return { paths: git.untrackedFiles(), listedMs, index, before: null };
  const all = kept.index === index ? null : git.untrackedFiles();
  const changed = changedDirs(kept, git.root);
  const paths = all ?? pathsOf(git, kept, changed);
  return { paths, listedMs, index, before: { kept, changed } };
}

async function pathsOf(
  git: GitRepository,
  kept: KeptUntracked,
  changed: ReadonlyMap<number, Stats | undefined>,
): Promise<readonly string[]> {
  if (changed.size === 0) return kept.paths;
  if (changed.size > askedMax) return git.untrackedFiles();
  const dirs = outermost([...changed.keys()].map((at) => kept.dirs[at] ?? ""));
  if (dirs.includes("")) return git.untrackedFiles();
  const there = dirs.filter((dir) => changed.get(kept.dirs.indexOf(dir)) !== undefined);
  const news = there.length === 0 ? [] : await git.untrackedFiles(there);
  return [...kept.paths.filter((path) => !dirs.some((dir) => path.startsWith(`${dir}/`))), ...news];
}

function outermost(dirs: readonly string[]): string[] {
  return dirs.filter((dir) => !dirs.some((above) => above !== dir && isIn(dir, above)));
}

function isIn(path: string, dir: string): boolean {
  return dir === "" || path.startsWith(`${dir}/`);
}

function changedDirs({ dirs, numbers }: KeptUntracked, root: string): Map<number, Stats | undefined> {
  const prefix = prefixOf(root);
  const changed = new Map<number, Stats | undefined>();
  for (let at = 0; at < dirs.length; at++) {
    const dir = dirs[at] ?? "";
    const stat = lookBehind(dir === "" ? root : prefix + dir);
    const from = at * dirNumbers;
    const isSame =
      stat !== undefined &&
      stat.mtimeMs === numbers[from] &&
      stat.ctimeMs === numbers[from + 1] &&
      stat.ino === numbers[from + 2];
    if (!isSame) changed.set(at, stat);
  }
  return changed;
}

function rulesHold({ dirs, rules, numbers }: KeptUntracked): boolean {
  return rules.every((path, at) => {
    const from = dirs.length * dirNumbers + at * ruleNumbers;
    const stat = lookBehind(path);
    if (!stat) return Number.isNaN(numbers[from]);
    return statNumbers(stat).every((number, place) => number === numbers[from + place]);
  });
}

/** From where one stands a look costs less. */
export function prefixOf(root: string): string {
  return process.cwd() === root ? "" : `${root}/`;
}

/** The directories that were looked at, as they are: the same decide what the workspace is. */
export function stampsOf({ before }: UntrackedLook): (dir: string) => DirectoryStamp | undefined {
  if (!before) return () => undefined;
  const { kept, changed } = before;
  const places = new Map(kept.dirs.map((dir, at) => [dir, at]));
  return (dir) => {
    const at = places.get(dir);
    if (at === undefined || changed.has(at)) return at === undefined ? undefined : changed.get(at);
    const { numbers } = kept;
    return { mtimeMs: numbers[at * dirNumbers] ?? 0, ino: numbers[at * dirNumbers + 2] ?? 0 };
  };
}

export type DirectoryStamp = Pick<Stats, "mtimeMs" | "ino">;

interface Texts {
  readonly key: string;
  readonly index: string;
  readonly paths: string;
  readonly dirs: string;
  readonly ignored: string;
  readonly rules: string;
}

function readUntracked(path: string, key: string): KeptUntracked | null {
  const read = readChecked(path);
  if (!read) return null;
  const texts = JSON.parse(read.text) as Texts;
  if (texts.key !== key) return null;
  return {
    paths: listIn(texts.paths),
    index: texts.index,
    // The root is the empty string and stands first.
    dirs: texts.dirs.split("\0"),
    ignored: listIn(texts.ignored),
    rules: listIn(texts.rules),
    numbers: read.numbers,
  };
}

/** @throws what the file system throws */
export function writeUntracked(git: GitRepository, env: NodeJS.ProcessEnv, kept: KeptUntracked): void {
  const path = untrackedFile(git, env);
  if (path === null) return;
  const texts: Texts = {
    key: keyOf(git, env),
    index: kept.index,
    paths: kept.paths.join("\0"),
    dirs: kept.dirs.join("\0"),
    ignored: kept.ignored.join("\0"),
    rules: kept.rules.join("\0"),
  };
  writeChecked(path, { text: JSON.stringify(texts), numbers: kept.numbers });
}

function listIn(text: string): string[] {
  return text === "" ? [] : text.split("\0");
}
