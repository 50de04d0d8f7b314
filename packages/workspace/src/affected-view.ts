import type { PackageName, RelativePath } from "@slipway/kernel";
import { reversed } from "@slipway/kernel";
import { packageGraph } from "./package-graph.ts";
import type { FileSelector, GlobalInputs, TaskConfiguration, Workspace } from "./types.ts";

/**
 * What `affected` asks of a workspace as long as no lockfile changed, and no more: small enough to be kept and read again
 * for every question.
 */
export interface AffectedView {
  readonly names: readonly PackageName[];
  /** Of each name. */
  readonly dirs: readonly RelativePath[];
  /** Of each name those that need it, by their place in `names`. */
  readonly dependents: readonly (readonly number[])[];
  readonly tasks: Pick<TaskConfiguration, "source" | "declaredIn"> & {
    readonly global: Pick<GlobalInputs, "files" | "selectors">;
  };
  /** Of the tasks that read files outside of their package. */
  readonly readers: readonly ReaderRule[];
  readonly lockfile: { readonly path: RelativePath } | null;
}

export interface ReaderRule {
  readonly package: PackageName;
  readonly task: string;
  readonly files: readonly Pick<FileSelector, "include" | "exclude">[];
}

export function affectedView(workspace: Workspace): AffectedView {
  const { packages, tasks, lockfile } = workspace;
  const names = packages.map(({ name }) => name);
  const places = new Map(names.map((name, at) => [name, at]));
  const dependents = reversed(packageGraph(workspace));
  const { source, declaredIn, global } = tasks;
  return {
    names,
    dirs: packages.map(({ dir }) => dir),
    dependents: names.map((name) =>
      (dependents.get(name) ?? []).flatMap((dependent) => places.get(dependent) ?? []),
    ),
    tasks: {
      source,
      ...(declaredIn ? { declaredIn } : {}),
      global: { files: global.files, ...(global.selectors ? { selectors: global.selectors } : {}) },
    },
    readers: readersIn(workspace),
    lockfile: lockfile && { path: lockfile.path },
  };
}

function readersIn({ packages, tasks }: Workspace): ReaderRule[] {
  const dirs = new Map(packages.map(({ name, dir }) => [name, dir]));
  return tasks.rules.flatMap(({ package: name, task, inputs }) => {
    const dir = dirs.get(name) ?? "";
    const files = inputs.files.flatMap(({ include, exclude }) => {
      const outside = include.filter((glob) => !isInside(glob, dir));
      return outside.length > 0 ? [{ include: outside, exclude }] : [];
    });
    return files.length > 0 ? [{ package: name, task, files }] : [];
  });
}

export function isInside(path: string, dir: RelativePath): boolean {
  return dir === "" || path === dir || path.startsWith(`${dir}/`);
}
