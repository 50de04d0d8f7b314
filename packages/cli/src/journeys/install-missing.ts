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
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { withoutCredentials } from "../wire/build-environment.ts";
import { userCacheDir } from "../wire/cache-dir.ts";
import type { LoadedVersioning } from "../wire/load-versioning.ts";
import type { ReleaseRequest, ReleaseStory } from "./release/request.ts";
import { unfinishedInstall } from "./unfinished-install.ts";

export interface Installation {
  /** That the checkout is of. */
  readonly commit: string;
  readonly npmrc: NpmSettings;
  readonly request: ReleaseRequest;
  readonly tell: (story: ReleaseStory) => void;
}

/**
 * Installs the dependencies of a checkout that has none installed, or not all since an install of ours was cut off, so that
 * it can be built: as the lockfile says where there is one.
 *
 * @throws UserError host/install-failed
 */
export async function installMissing(
  { root, workspace }: Pick<LoadedVersioning, "root" | "workspace">,
  { commit, npmrc, request, tell }: Installation,
): Promise<void> {
  const unfinished = unfinishedInstall(root);
  // Also of one that was cut off here and ended by hand.
  if (isInstalled(root, unfinished.sinceMs())) return unfinished.end();
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
  await unfinished.begin(commit);
  try {
    await (isLocked ? installFrozen(root, manager, options) : installUnlocked(root, manager, options));
  } catch (error) {
    // A full disk may be why it failed; the note that stands says enough then.
    await unfinished.failed().catch(() => undefined);
    throw error;
  }
  await unfinished.end();
}

/** What managers leave in node_modules at the end of an install. */
const marks = [".modules.yaml", ".package-lock.json", ".yarn-integrity", ".yarn-state.yml"];

/**
 * A cache below node_modules, or the store that pnpm fills before it links anything, is no installed dependency. After an
 * install of ours that was cut off, only one that somebody ended since then counts.
 */
function isInstalled(root: string, cutOffMs: number | null): boolean {
  const modules = join(root, "node_modules");
  const ended = [join(root, ".pnp.cjs"), ...marks.map((name) => join(modules, name))].flatMap(
    (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? [],
  );
  if (cutOffMs !== null) return ended.some((ms) => ms > cutOffMs);
  if (ended.length > 0) return true;
  return existsSync(modules) && readdirSync(modules).some((name) => !name.startsWith("."));
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
