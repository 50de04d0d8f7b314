import { spawnSync } from "node:child_process";
import { readingEnvironment, type Environment } from "../git.ts";

/** More in one question would only make it slow; the rest is asked in the next. */
const pathCountMax = 50_000;

/**
 * Those of `paths` that git ignores. A path that ends in a slash is asked about as a directory, whether it is there
 * or not, and is answered without the slash.
 */
export function ignoredByGit(root: string, paths: readonly string[], env: Environment): Set<string> {
  const ignored = new Set<string>();
  for (let from = 0; from < paths.length; from += pathCountMax) {
    const answer = spawnSync("git", ["-c", "core.fsmonitor=false", "check-ignore", "-z", "--stdin"], {
      cwd: root,
      env: readingEnvironment(env),
      input: paths.slice(from, from + pathCountMax).join("\0"),
      maxBuffer: 256 * 1024 * 1024,
      stdio: ["pipe", "pipe", "ignore"],
    });
    // Exit code 1 says that none is ignored; anything else says nothing, and then every path counts.
    for (const path of answer.stdout?.toString("utf8").split("\0") ?? []) {
      if (path !== "") ignored.add(path.replace(/\/$/, ""));
    }
  }
  return ignored;
}
