import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { findGitDirs } from "./git-common-dir.ts";
import { readGit, withoutRedirections, type Environment } from "./git.ts";
import { runBounded } from "./run-bounded.ts";
import { replaceText } from "./text-files.ts";

const commitTimeoutMs = 300_000;

/**
 * Commits these paths as they are in the work tree, deleted ones too, and nothing else that is staged. The user's own
 * hooks, identity and signing hold, as in a commit by hand.
 *
 * @returns what git said against it; null when it is done
 */
export async function commitPaths(
  root: string,
  { message, paths }: { readonly message: string; readonly paths: readonly string[] },
  env: Environment,
): Promise<string | null> {
  const { staged, committed } = await known(root, paths, env);
  const steps = [
    { args: ["add", "--all"], of: staged },
    { args: ["commit", "--allow-empty", "--only", "-m", message], of: committed },
  ];
  for (const { args, of } of steps) {
    // Told of no path, git would add everything.
    const refusal = of.length === 0 ? null : await runOn(root, { args, paths: of }, env);
    if (refusal !== null) return refusal;
  }
  return null;
}

/**
 * Not through its stdin: when this process is killed meanwhile, git goes on alone, and takes the end of its input for the
 * end of the list, which may be empty.
 */
async function runOn(
  root: string,
  { args, paths }: { readonly args: readonly string[]; readonly paths: readonly string[] },
  env: Environment,
): Promise<string | null> {
  const list = join(findGitDirs(root)?.gitDir ?? root, "slipway-paths");
  await replaceText(list, paths.map((path) => `:(literal)${path}`).join("\0"));
  try {
    const { exitCode, timedOut, stdout, stderr } = await runBounded(
      "git",
      [...args, `--pathspec-from-file=${list}`, "--pathspec-file-nul"],
      { cwd: root, env: withoutRedirections(env), timeoutMs: commitTimeoutMs },
    );
    if (timedOut) return `git ${args[0]} did not end`;
    return exitCode === 0 ? null : (stderr.trim() || stdout.trim()).slice(0, 2000);
  } finally {
    await rm(list, { force: true });
  }
}

/** Whether the last commit has these paths as they are in the work tree. */
export async function isCommitted(
  root: string,
  paths: readonly string[],
  env: Environment,
): Promise<boolean> {
  const specs = paths.map((path) => `:(literal)${path}`);
  const { stdout } = await readGit(
    root,
    ["status", "--porcelain", "--untracked-files=all", "--", ...specs],
    env,
  );
  return stdout.length === 0;
}

interface Known {
  /** What `git add` may be told of. */
  readonly staged: readonly string[];
  /** What `git commit` may be told of: also what is deleted in the index already, by a run that was cut off. */
  readonly committed: readonly string[];
}

/** What is neither there nor in the index nor in the last commit was never committed: git would refuse to hear of it. */
async function known(root: string, paths: readonly string[], env: Environment): Promise<Known> {
  const missing = new Set(paths.filter((path) => !existsSync(join(root, path))));
  if (missing.size === 0) return { staged: paths, committed: paths };
  const listed = async (list: readonly string[], specs: readonly string[]): Promise<ReadonlySet<string>> => {
    const { exitCode, stdout } = await readGit(root, [...list, "-z", "--", ...specs], env);
    return new Set(exitCode === 0 ? stdout.toString("utf8").split("\0") : []);
  };
  const literal = [...missing].map((path) => `:(literal)${path}`);
  const inIndex = await listed(["ls-files"], literal);
  // Before the first commit there is no HEAD.
  const inHead = await listed(["ls-tree", "-r", "--name-only", "HEAD"], [...missing]);
  const staged = paths.filter((path) => !missing.has(path) || inIndex.has(path));
  return {
    staged,
    committed: paths.filter((path) => !missing.has(path) || inIndex.has(path) || inHead.has(path)),
  };
}
