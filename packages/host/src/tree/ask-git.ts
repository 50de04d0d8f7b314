import { existsSync, readdirSync } from "node:fs";
import { readGit, type Environment } from "../git.ts";
import { inGit } from "../in-git.ts";
import { walkGlobs } from "./walk.ts";

export interface ListingStart {
  /** Tracked files, with the commit of those that are submodules and are not checked out. */
  readonly tracked: ReadonlyMap<string, string | null>;
  /** Files that count beside the tracked ones. */
  readonly untracked: readonly string[];
  /** Directories that are git repositories of their own: submodules that are checked out, and others. */
  readonly nested: readonly string[];
  /** When git was asked; null outside git, where all counts that no ignore file names. */
  readonly listedMs: number | null;
}

/**
 * The files that count, as git lists them, those of repositories within this one included: what a submodule's work tree
 * holds decides what a task reads, not the commit that is noted of it.
 *
 * @param wanted directories whose files are asked for; a repository among them counts even where git ignores it
 */
export async function askGit(
  root: string,
  env: Environment,
  wanted: readonly string[] = [],
): Promise<ListingStart> {
  const listedMs = Date.now();
  if (!inGit(root)) return withoutGit;
  const [stages, others] = await Promise.all([
    readGit(root, ["ls-files", "-z", "--stage"], env),
    readGit(root, ["ls-files", "-z", "--others", "--exclude-standard"], env),
  ]);
  if (stages.exitCode !== 0 || others.exitCode !== 0) return withoutGit;
  const tracked = new Map(words(stages.stdout).map(readStage));
  const listed = words(others.stdout).filter((path) => !inModules(path));
  const untracked = listed.filter((path) => !path.endsWith("/"));
  // What git lists with a slash is a repository; so is a submodule, once it is checked out.
  const dirs = new Set(listed.filter((path) => path.endsWith("/")).map((path) => path.slice(0, -1)));
  for (const [path, commit] of tracked) if (commit !== null) dirs.add(path);
  for (const dir of unlisted(root, wanted, [...tracked.keys(), ...untracked])) dirs.add(dir);
  const nested: string[] = [];
  for (const dir of dirs) {
    const inner = await filesIn(root, dir, env);
    if (!inner) continue;
    tracked.delete(dir);
    if (inner === "loose") {
      untracked.push(...walkGlobs(root, { include: [`${escaped(dir)}/**`], exclude: [] }).paths);
      continue;
    }
    nested.push(dir, ...inner.nested.map((each) => `${dir}/${each}`));
    for (const [path, commit] of inner.tracked) tracked.set(`${dir}/${path}`, commit);
    for (const path of inner.untracked) untracked.push(`${dir}/${path}`);
  }
  return { tracked, untracked, nested, listedMs };
}

const withoutGit: ListingStart = { tracked: new Map(), untracked: [], nested: [], listedMs: null };

/** What the repository in a directory says; `loose`: there are files and no repository, which git passes over; null: nothing. */
async function filesIn(root: string, dir: string, env: Environment): Promise<ListingStart | "loose" | null> {
  const path = `${root}/${dir}`;
  if (existsSync(`${path}/.git`)) {
    const inner = await askGit(path, env);
    if (inner.listedMs !== null) return inner;
  }
  return namesIn(path).length > 0 ? "loose" : null;
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function escaped(dir: string): string {
  return dir.replaceAll(/[\\*?[\]{}()!+@|]/g, "\\$&");
}

/** Repositories that hold wanted directories of which git lists nothing. */
function unlisted(root: string, wanted: readonly string[], listed: readonly string[]): string[] {
  if (wanted.length === 0) return [];
  const known = new Set<string>();
  for (const path of listed) {
    for (let dir = parentOf(path); dir !== "" && !known.has(dir); dir = parentOf(dir)) known.add(dir);
  }
  return wanted.flatMap((dir) => {
    for (let at = dir; at !== "" && !known.has(at); at = parentOf(at)) {
      if (existsSync(`${root}/${at}/.git`)) return [at];
    }
    return [];
  });
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function words(bytes: Buffer): string[] {
  return bytes.toString("utf8").split("\0").filter(Boolean);
}

/** `100644 OBJECT STAGE\tPATH`; mode 160000 is a submodule. */
function readStage(line: string): [path: string, commit: string | null] {
  const tab = line.indexOf("\t");
  const [mode = "", object = ""] = line.slice(0, tab).split(" ");
  return [line.slice(tab + 1), mode === "160000" ? object : null];
}

function inModules(path: string): boolean {
  return path.startsWith("node_modules/") || path.includes("/node_modules/");
}
