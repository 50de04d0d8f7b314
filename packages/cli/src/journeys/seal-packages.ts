import { executableFiles, makeScratchCopy, makeScratchFolder } from "@slipway/host";
import { UserError, type PackageName } from "@slipway/kernel";
import type { RunPlan } from "@slipway/plan";
import { packPackage, type PackedTarball, type WorkspaceRanges } from "@slipway/registry";
import type { Workspace, WorkspacePackage } from "@slipway/workspace";
import { join } from "node:path";
import { planScripts, type ScriptCall } from "./script-plan.ts";

export interface SealRequest {
  /** Absolute: a built work tree. */
  readonly root: string;
  readonly workspace: Workspace;
  /** What is sealed, each after what it needs. */
  readonly names: readonly PackageName[];
  /** The folder that the tarballs are written to. */
  readonly to: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs the packages' own lifecycle scripts in a copy of the work tree; false when one failed. Null: they are left out. */
  readonly runScripts: ((root: string, plan: RunPlan) => Promise<boolean>) | null;
}

/** What npm and pnpm run before they pack for a publish, in their order. */
export const beforePacking = ["prepublishOnly", "prepack", "prepare"] as const;
const afterPacking = ["postpack"] as const;

/**
 * Packs each package once, after its own lifecycle scripts; from here on the bytes do not change. The scripts run in a
 * copy of the work tree: what they write is packed, and the work tree stays as it is.
 *
 * @throws UserError release/script-failed when a lifecycle script fails
 */
export async function sealPackages(request: SealRequest): Promise<PackedTarball[]> {
  const byName = new Map(request.workspace.packages.map((each) => [each.name, each]));
  const packages = request.names.flatMap((name) => byName.get(name) ?? []);
  if (!request.runScripts || !packages.some(hasLifecycle)) return packed(request, packages);
  const scratch = makeScratchFolder("seal");
  try {
    const dirs = request.workspace.packages.map(({ dir }) => dir);
    const root = await makeScratchCopy(request.root, { target: join(scratch.path, "tree"), dirs });
    const copied = { ...request, root };
    await runLifecycle(copied, packages, beforePacking);
    const sealed = await packed(copied, packages);
    await runLifecycle(copied, packages, afterPacking);
    return sealed;
  } finally {
    await scratch.discard();
  }
}

async function packed(
  { root, workspace, env, to }: SealRequest,
  packages: readonly WorkspacePackage[],
): Promise<PackedTarball[]> {
  const executables = await executableFiles(root, env);
  const ranges = rangesOf(workspace, root);
  const sealed: PackedTarball[] = [];
  for (const each of packages) {
    const { tarball } = await packPackage({
      dir: join(root, each.dir),
      ranges,
      style: packStyle(workspace),
      workspaceRoot: root,
      executables: below(each, executables),
      to,
    });
    sealed.push(tarball);
  }
  return sealed;
}

/** Says whether a package has scripts of its own that run before or after it is packed. */
export function hasLifecycle({ scripts }: WorkspacePackage): boolean {
  return [...beforePacking, ...afterPacking].some((script) => scripts[script] !== undefined);
}

async function runLifecycle(
  { root, workspace, runScripts }: SealRequest,
  packages: readonly WorkspacePackage[],
  scripts: readonly string[],
): Promise<void> {
  const calls: ScriptCall[] = packages.flatMap((of) =>
    scripts.filter((script) => of.scripts[script] !== undefined).map((script) => ({ of, script })),
  );
  if (!runScripts || calls.length === 0 || (await runScripts(root, planScripts(workspace, calls)))) return;
  const names = calls.map(({ of, script }) => `${of.name}#${script}`).join(", ");
  throw new UserError("release/script-failed", `a lifecycle script failed before packing (${names})`, {
    hint: 'run the script by hand in the package\'s directory; --build TASK runs another task than "build" before it; nothing was published',
  });
}

/** `npm publish` leaves the manifest as it is written; pnpm and Yarn Berry write publishConfig's fields into it. */
function packStyle({ manager }: Workspace): "pnpm" | "npm" {
  return manager.name === "pnpm" || (manager.name === "yarn" && manager.berry) ? "pnpm" : "npm";
}

function rangesOf(workspace: Workspace, root: string): WorkspaceRanges {
  const versions: Record<PackageName, string> = {};
  const names: Record<string, PackageName> = {};
  for (const { name, version, dir } of workspace.packages) {
    if (version !== null) versions[name] = version;
    names[join(root, dir)] = name;
  }
  return { versions, names, catalogs: workspace.catalogs };
}

function below({ dir }: WorkspacePackage, paths: readonly string[]): string[] {
  const prefix = dir === "" ? "" : `${dir}/`;
  return paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
}
