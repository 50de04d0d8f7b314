import { bringPackageManager, pathWith } from "@slipway/host";
import { UserError } from "@slipway/kernel";
import type { Workspace } from "@slipway/workspace";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { userCacheDir } from "./cache-dir.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment for scripts of the repository, which may call its package manager by name: where the caller has none,
 * or Plug'n'Play asks for the very one that wrote it, the pinned one is brought.
 */
export async function managerAtHand(
  env: Environment,
  { root, manager }: Pick<Workspace, "manager"> & { readonly root: string },
): Promise<Environment> {
  const isPlugAndPlay = manager.berry && existsSync(join(root, ".pnp.cjs"));
  if (manager.name === "npm" || (!isPlugAndPlay && isOnPath(manager.name, env))) return env;
  try {
    const { binDir } = await bringPackageManager(manager, root, join(userCacheDir(env), "managers"));
    return { ...env, PATH: pathWith(binDir, env["PATH"]) };
  } catch (error) {
    // Most scripts never call it; one that does says what it misses.
    if (error instanceof UserError) return env;
    throw error;
  }
}

function isOnPath(name: string, env: Environment): boolean {
  return (env["PATH"] ?? "").split(delimiter).some((dir) => dir !== "" && existsSync(join(dir, name)));
}
