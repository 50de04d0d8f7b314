import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findGitDirs } from "./git-common-dir.ts";
import { readGit, withoutRedirections, type Environment } from "./git.ts";
import { runBounded } from "./run-bounded.ts";

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
  const bounds = { cwd: root, env: withoutRedirections(env), timeoutMs: commitTimeoutMs };
  const list = ["--pathspec-from-file=-", "--pathspec-file-nul"];
  const input = (await known(root, paths, env)).map((path) => `:(literal)${path}`).join("\0");
  const steps = [
    ["add", "--all", ...list],
    ["commit", "--allow-empty", "--only", "-m", message, ...list],
  ];
  for (const args of steps) {
    const { exitCode, timedOut, stdout, stderr } = await runBounded("git", args, { ...bounds, input });
    if (timedOut) return `git ${args[0]} did not end`;
    if (exitCode !== 0) return (stderr.trim() || stdout.trim()).slice(0, 2000);
  }
  return null;
}

/** The lock on git's index, once it has stayed for as long as no short use of git takes; null: nobody holds it. */
export async function lockedIndex(root: string, patienceMs = 10_000): Promise<string | null> {
  const dirs = findGitDirs(root);
  if (dirs === null) return null;
  const lock = join(dirs.gitDir, "index.lock");
  for (const end = performance.now() + patienceMs; existsSync(lock); await pause(50))
    if (performance.now() > end) return lock;
  return null;
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

/** What is neither there nor in the index was never committed: git would refuse to hear of it. */
async function known(root: string, paths: readonly string[], env: Environment): Promise<readonly string[]> {
  const missing = paths.filter((path) => !existsSync(join(root, path)));
  if (missing.length === 0) return paths;
  const specs = missing.map((path) => `:(literal)${path}`);
  const { stdout } = await readGit(root, ["ls-files", "-z", "--", ...specs], env);
  const tracked = new Set(stdout.toString("utf8").split("\0"));
  return paths.filter((path) => !missing.includes(path) || tracked.has(path));
}
