import { executableFiles } from "@slipway/host";
import { UserError, type PackageName } from "@slipway/kernel";
import type { RunPlan } from "@slipway/plan";
import { packPackage, type PackedTarball, type WorkspaceRanges } from "@slipway/registry";
import type { Workspace, WorkspacePackage } from "@slipway/workspace";
import { join } from "node:path";
import { planScripts, type ScriptCall } from "./script-plan.ts";

export interface SealRequest {
  /** Absolute: a built work tree. Lifecycle scripts may change files in it. */
  readonly root: string;
  readonly workspace: Workspace;
  /** What is sealed, each after what it needs. */
  readonly names: readonly PackageName[];
  /** The folder that the tarballs are written to. */
  readonly to: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs the packages' own lifecycle scripts; false when one failed. */
  readonly runScripts: (plan: RunPlan) => Promise<boolean>;
}

/** What npm and pnpm run before they pack for a publish, in their order. */
const beforePacking = ["prepublishOnly", "prepack", "prepare"] as const;

/**
 * Packs each package once, after its own lifecycle scripts; from here on the bytes do not change.
 *
 * @throws UserError release/script-failed when a lifecycle script fails
 */
export async function sealPackages(request: SealRequest): Promise<PackedTarball[]> {
  const { root, workspace } = request;
  const byName = new Map(workspace.packages.map((each) => [each.name, each]));
  const packages = request.names.flatMap((name) => byName.get(name) ?? []);
  await runLifecycle(request, packages, beforePacking);
  const executables = await executableFiles(root, request.env);
  const ranges = rangesOf(workspace, root);
  const sealed: PackedTarball[] = [];
  for (const each of packages) {
    const { tarball } = await packPackage({
      dir: join(root, each.dir),
      ranges,
      style: packStyle(workspace),
      workspaceRoot: root,
      executables: below(each, executables),
      to: request.to,
    });
    sealed.push(tarball);
  }
  await runLifecycle(request, packages, ["postpack"]);
  return sealed;
}

async function runLifecycle(
  { workspace, runScripts }: SealRequest,
  packages: readonly WorkspacePackage[],
  scripts: readonly string[],
): Promise<void> {
  const calls: ScriptCall[] = packages.flatMap((of) =>
    scripts.filter((script) => of.scripts[script] !== undefined).map((script) => ({ of, script })),
  );
  if (calls.length === 0 || (await runScripts(planScripts(workspace, calls)))) return;
  const names = calls.map(({ of, script }) => `${of.name}#${script}`).join(", ");
  throw new UserError("release/script-failed", `a lifecycle script failed before packing (${names})`, {
    hint: "run the script by hand in the package's directory; nothing was published",
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
