import type { Workspace } from "./types.ts";

/**
 * A workspace with no more than what `affected` asks of it as long as no lockfile changed: small enough to be kept and
 * read again for every question.
 */
export function affectedView({ manager, packages, tasks, lockfile, warnings }: Workspace): Workspace {
  const dirs = new Map(packages.map(({ name, dir }) => [name, dir]));
  const follows = new Set(tasks.follows);
  return {
    manager,
    packages: packages.map((one) => ({
      ...one,
      scripts: {},
      manifest: {},
      edges: one.edges.flatMap(({ to, kind, via, fromRegistry }) =>
        follows.has(kind) && !fromRegistry ? [{ to, kind, via, range: "" }] : [],
      ),
    })),
    tasks: {
      ...tasks,
      rules: tasks.rules.flatMap((rule) => {
        const dir = dirs.get(rule.package) ?? "";
        const files = rule.inputs.files.filter(({ include }) => include.some((glob) => !isInside(glob, dir)));
        return files.length > 0 ? [{ ...rule, inputs: { ...rule.inputs, files } }] : [];
      }),
    },
    catalogs: {},
    lockfile: lockfile && { ...lockfile, closures: {} },
    warnings,
  };
}

function isInside(path: string, dir: string): boolean {
  return dir === "" || path === dir || path.startsWith(`${dir}/`);
}
