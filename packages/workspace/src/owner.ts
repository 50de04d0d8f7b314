import type { PackageName, RelativePath } from "@slipway/kernel";
import type { WorkspacePackage } from "./types.ts";

/** Finds the package that a path belongs to: the one with the longest directory above it. Null: no package has it. */
export function ownership(
  packages: readonly Pick<WorkspacePackage, "name" | "dir">[],
): (path: RelativePath) => PackageName | null {
  const byDir = new Map(packages.map(({ name, dir }) => [dir, name]));
  return (path) => {
    for (let at = path.length; at !== -1; at = at === 0 ? -1 : path.lastIndexOf("/", at - 1)) {
      const owner = byDir.get(path.slice(0, at));
      if (owner !== undefined) return owner;
    }
    return byDir.get("") ?? null;
  };
}
