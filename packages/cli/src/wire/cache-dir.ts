import { ensureDir, refusal } from "@slipway/host";
import { UserError } from "@slipway/kernel";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where everything lies that can be made again: `SLIPWAY_CACHE_DIR`, else `slipway` in the user's cache directory. */
export function userCacheDir(env: Environment): string {
  const home = env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache");
  return env["SLIPWAY_CACHE_DIR"] || join(home, "slipway");
}

/** Results of tasks stand here; the number is raised when they would be misread. */
export function storeDirOf(cacheDir: string): string {
  return `${cacheDir}/store/v1`;
}

/**
 * The folder that somebody named for the cache, there and usable; null when none was named.
 *
 * @throws UserError when it cannot be made: a cache that was asked for and is not there would be a surprise on every run
 */
export function namedCacheDir(named: string | undefined, cwd: string): string | null {
  if (named === undefined) return null;
  const dir = resolve(cwd, named);
  try {
    ensureDir(dir);
  } catch (error) {
    const message = `the cache cannot be kept in ${dir}: ${refusal(error as NodeJS.ErrnoException)}`;
    throw new UserError("cli/bad-argument", message, {
      hint: "--cache-dir (or SLIPWAY_CACHE_DIR) names a folder that exists or can be made",
      cause: error,
    });
  }
  return dir;
}
