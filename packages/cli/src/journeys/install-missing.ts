import {
  bringPackageManager,
  hasLockfile,
  installFrozen,
  installUnlocked,
  pathWith,
  quietManagers,
} from "@slipway/host";
import { isRecord } from "@slipway/kernel";
import type { NpmSettings } from "@slipway/registry";
import type { Workspace } from "@slipway/workspace";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { withoutCredentials } from "../wire/build-environment.ts";
import { userCacheDir } from "../wire/cache-dir.ts";
import type { LoadedVersioning } from "../wire/load-versioning.ts";
import type { ReleaseRequest, ReleaseStory } from "./release/request.ts";

export interface Installation {
  readonly npmrc: NpmSettings;
  readonly request: ReleaseRequest;
  readonly tell: (story: ReleaseStory) => void;
}

/**
 * Installs the dependencies of a checkout that has none installed, so that it can be built: as the lockfile says where
 * there is one.
 *
 * @throws UserError host/install-failed
 */
export async function installMissing(
  { root, workspace }: Pick<LoadedVersioning, "root" | "workspace">,
  { npmrc, request, tell }: Installation,
): Promise<void> {
  if (["node_modules", ".pnp.cjs"].some((name) => existsSync(join(root, name)))) return;
  const isLocked = hasLockfile(root);
  if (!isLocked && !canInstallUnlocked(workspace)) return;
  tell({ type: "phase", phase: "install", count: 1 });
  const manager = await bringPackageManager(
    workspace.manager,
    root,
    join(userCacheDir(request.env), "managers"),
  );
  const env = {
    ...withoutCredentials(request.env, npmrc, { installing: true }),
    ...quietManagers,
    PATH: pathWith(manager.binDir, request.env["PATH"]),
  };
  const options = { env, signal: request.signal, onLine: () => undefined };
  await (isLocked ? installFrozen(root, manager, options) : installUnlocked(root, manager, options));
}

const dependencyFields = ["dependencies", "devDependencies", "optionalDependencies"];

/** There is something to install; npm cannot where a range says `workspace:`, which is for other managers. */
function canInstallUnlocked({ packages, manager }: Workspace): boolean {
  const ranges = packages.flatMap(({ manifest }) => {
    return dependencyFields.flatMap((field) => {
      const dependencies = manifest[field];
      return isRecord(dependencies) ? Object.values(dependencies).map(String) : [];
    });
  });
  const isForeign = manager.name === "npm" && ranges.some((range) => range.startsWith("workspace:"));
  return ranges.length > 0 && !isForeign;
}
