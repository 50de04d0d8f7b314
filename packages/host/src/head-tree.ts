import { gitFailed, readGit, type Environment } from "./git.ts";

/** The commit that is checked out, as one directory of it sees it. */
export interface HeadTree {
  /** A full object name. */
  readonly commit: string;
  /** The branch; null when HEAD is detached. */
  readonly branch: string | null;
  /** Where the directory stands in the repository: empty at its top, else with a slash at its end. */
  readonly prefix: string;
  /** The files below the directory, by relative path: whether each may be executed. */
  readonly files: ReadonlyMap<string, { readonly executable: boolean }>;
  /** Tracked files that the work tree has otherwise, relative to the directory. */
  readonly changed: readonly string[];
}

export async function headTree(root: string, env: Environment): Promise<HeadTree> {
  const ask = async (...args: readonly string[]): Promise<string> => {
    const answer = await readGit(root, args, env);
    if (answer.exitCode !== 0) throw gitFailed(args, answer);
    return answer.stdout.toString("utf8");
  };
  const [commit, prefix, listing, changed, branch] = await Promise.all([
    ask("rev-parse", "HEAD"),
    ask("rev-parse", "--show-prefix"),
    ask("ls-tree", "-r", "-z", "HEAD"),
    ask("diff", "--name-only", "-z", "--relative", "--no-ext-diff", "HEAD", "--"),
    readGit(root, ["symbolic-ref", "--quiet", "--short", "HEAD"], env),
  ]);
  const files = new Map<string, { executable: boolean }>();
  for (const line of listing.split("\0")) {
    const [, mode, path] = /^(\d+) blob [0-9a-f]+\t(.+)$/s.exec(line) ?? [];
    if (path !== undefined) files.set(path, { executable: mode === "100755" });
  }
  return {
    commit: commit.trim(),
    branch: branch.exitCode === 0 ? branch.stdout.toString("utf8").trim() : null,
    prefix: prefix.trim(),
    files,
    changed: changed.split("\0").filter(Boolean),
  };
}

/** The URL of `origin`; null when there is none. */
export async function originUrl(root: string, env: Environment): Promise<string | null> {
  const { exitCode, stdout } = await readGit(root, ["remote", "get-url", "origin"], env);
  return exitCode === 0 ? stdout.toString("utf8").trim() || null : null;
}
