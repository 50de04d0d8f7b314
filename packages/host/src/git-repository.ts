import { UserError } from "@slipway/kernel";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { findGitDirs } from "./git-common-dir.ts";
import { gitFailed, readGit, type Environment } from "./git.ts";

/** A git work tree, seen from one directory in it. Commits are full object names; paths are relative to `root`. */
export interface GitRepository {
  /** Absolute: the directory that the repository was opened in, which may stand below git's top level. */
  readonly root: string;
  /** Absolute; of a linked worktree its own, where `commonDir` is shared with the main one. */
  readonly gitDir: string;
  readonly commonDir: string;
  /** True: history was cut off (`clone --depth`), so an ancestor that is not there may exist all the same. */
  readonly isShallow: boolean;
  /** The commit that a branch, tag or object name means; null when there is none. */
  commitOf(ref: string): Promise<string | null>;
  /** Null: no common ancestor is known. */
  mergeBase(one: string, other: string): Promise<string | null>;
  /**
   * Files below `root` that were added, changed or deleted between two commits, sorted. Renames count as both.
   *
   * @param head null takes the work tree: committed, staged, unstaged and untracked changes
   */
  changedFiles(base: string, head: string | null): Promise<readonly string[]>;
  /**
   * Files below `root` that git neither tracks nor ignores; a repository in there with a slash at its end.
   *
   * @param dirs those below these directories only
   */
  untrackedFiles(dirs?: readonly string[]): Promise<readonly string[]>;
  /** Files below `root` that git tracks; null where one of them is a submodule. */
  trackedFiles(): Promise<readonly string[] | null>;
  /** A file's bytes in a commit; null when it is not there. */
  fileAt(commit: string, path: string): Promise<Buffer | null>;
  /** The branch that a symbolic ref such as `refs/remotes/origin/HEAD` points to, in its short form. */
  symbolicRef(ref: string): Promise<string | null>;
  /** Names of branches, local and remote (`main`, `origin/main`). */
  branches(): Promise<readonly string[]>;
  remotes(): Promise<readonly string[]>;
  tags(): Promise<readonly string[]>;
}

/**
 * @param root a directory in the work tree
 * @throws UserError git/not-a-repository
 */
export async function openRepository(root: string, env: Environment): Promise<GitRepository> {
  const questions = ["--git-dir", "--git-common-dir", "--is-shallow-repository", "--is-inside-work-tree"];
  const answer = await readGit(root, ["rev-parse", ...questions], env);
  const lines = answer.stdout.toString("utf8").split("\n");
  const [gitDir, commonDir, isShallow, isInside] = lines;
  if (answer.exitCode !== 0 || gitDir === undefined || commonDir === undefined || isInside !== "true") {
    throw new UserError("git/not-a-repository", `${root} is in no git work tree`, {
      hint: "run `git init` and commit, or leave out what needs git's history",
    });
  }
  return {
    root,
    gitDir: resolve(root, gitDir),
    commonDir: resolve(root, commonDir),
    isShallow: isShallow === "true",
    ...questionsTo((args) => readGit(root, args, env)),
  };
}

/**
 * The same without a question to git, where its directories are seen; null where they are not. What is wrong with the
 * repository shows when it is asked.
 */
export function repositoryAt(root: string, env: Environment): GitRepository | null {
  const dirs = findGitDirs(root);
  if (!dirs) return null;
  const isShallow = existsSync(`${dirs.commonDir}/shallow`);
  return { root, ...dirs, isShallow, ...questionsTo((args) => readGit(root, args, env)) };
}

const listBranches = ["for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes"];

type Git = (args: readonly string[]) => ReturnType<typeof readGit>;

function questionsTo(git: Git): Omit<GitRepository, "root" | "gitDir" | "commonDir" | "isShallow"> {
  const line = async (args: readonly string[]): Promise<string | null> => {
    const { exitCode, stdout } = await git(args);
    return exitCode === 0 ? stdout.toString("utf8").trim() || null : null;
  };
  const untrackedFiles = (dirs: readonly string[] = []): Promise<readonly string[]> =>
    paths(git, [
      ...(dirs.length > 0 ? ["--literal-pathspecs"] : []),
      "ls-files",
      "--others",
      "--exclude-standard",
      "-z",
      "--",
      ...dirs.map((dir) => `${dir}/`),
    ]);
  return {
    // A name that starts with a dash would be read as an option.
    commitOf: async (ref) =>
      ref.startsWith("-") ? null : line(["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]),
    mergeBase: (one, other) => line(["merge-base", one, other]),
    changedFiles: async (base, head) => {
      const lists = [paths(git, diffOf(base, head)), ...(head === null ? [untrackedFiles()] : [])];
      return [...new Set((await Promise.all(lists)).flat())].toSorted();
    },
    untrackedFiles,
    trackedFiles: async () => {
      const stages = await paths(git, ["ls-files", "--stage", "-z"]);
      // `MODE OBJECT STAGE\tPATH`; mode 160000 is a submodule.
      const hasSubmodule = stages.some((stage) => stage.startsWith("160000 "));
      return hasSubmodule ? null : [...new Set(stages.map((stage) => stage.slice(stage.indexOf("\t") + 1)))];
    },
    fileAt: (commit, path) => fileAt(git, commit, path),
    symbolicRef: (ref) => line(["symbolic-ref", "--quiet", "--short", ref]),
    branches: async () => (await line(listBranches))?.split("\n") ?? [],
    remotes: async () => (await line(["remote"]))?.split("\n") ?? [],
    tags: async () => (await line(["tag", "--list"]))?.split("\n") ?? [],
  };
}

/** The question which files differ between a commit and another, or the work tree as far as git tracks it. */
export function diffOf(base: string, head: string | null): string[] {
  const form = ["--name-only", "-z", "--no-renames", "--relative", "--no-ext-diff", "--no-textconv"];
  return ["diff", ...form, ...(head === null ? [base] : [base, head]), "--"];
}

async function paths(git: Git, args: readonly string[]): Promise<string[]> {
  const answer = await git(args);
  if (answer.exitCode !== 0) throw gitFailed(args, answer);
  return answer.stdout.toString("utf8").split("\0").filter(Boolean);
}

/** `./` makes the path count from the current directory instead of from git's top level. */
async function fileAt(git: Git, commit: string, path: string): Promise<Buffer | null> {
  const { exitCode, stdout } = await git(["cat-file", "blob", `${commit}:./${path}`]);
  return exitCode === 0 ? stdout : null;
}
