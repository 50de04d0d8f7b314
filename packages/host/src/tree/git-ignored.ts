import { spawnSync } from "node:child_process";
import { readingEnvironment, type Environment } from "../git.ts";

/** More in one question would only make it slow; the rest is asked in the next. */
const pathCountMax = 50_000;

/**
 * Those of `paths` that git ignores. A path that ends in a slash is asked about as a directory, whether it is there
 * or not, and is answered without the slash. Where git gives no answer, every path counts.
 */
export function ignoredByGit(root: string, paths: readonly string[], env: Environment): Set<string> {
  const ignored = new Set<string>();
  for (let from = 0; from < paths.length; from += pathCountMax) {
    const some = paths.slice(from, from + pathCountMax);
    for (const path of checkIgnore({ root, env, flags: [] }, some) ?? [])
      ignored.add(path.replace(/\/$/, ""));
  }
  return ignored;
}

/**
 * The same by the rules alone: without a look at the index, which costs the more the larger it is. For paths that are
 * not tracked and hold nothing that is; answered as they were asked.
 *
 * @returns null when git gave no answer, as it does for all when one of them lies beyond a link or in a submodule
 */
export function ignoredByRules(
  root: string,
  paths: readonly string[],
  env: Environment,
): readonly string[] | null {
  return checkIgnore({ root, env, flags: ["--no-index"] }, paths);
}

interface Question {
  readonly root: string;
  readonly env: Environment;
  readonly flags: readonly string[];
}

function checkIgnore({ root, env, flags }: Question, paths: readonly string[]): readonly string[] | null {
  const args = ["-c", "core.fsmonitor=false", "check-ignore", ...flags, "-z", "--stdin"];
  const { status, stdout } = spawnSync("git", args, {
    cwd: root,
    env: readingEnvironment(env),
    input: paths.join("\0"),
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["pipe", "pipe", "ignore"],
  });
  // Exit code 1 says that none is ignored.
  return status === 0 || status === 1 ? stdout.toString("utf8").split("\0").filter(Boolean) : null;
}
