import { homedir } from "node:os";
import { join } from "node:path";

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
