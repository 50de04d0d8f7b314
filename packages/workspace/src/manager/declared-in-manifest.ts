import type { RelativePath } from "@slipway/kernel";
import picomatch from "picomatch";
import { workspacePatterns } from "./workspace-patterns.ts";

/**
 * Which directories the `workspaces` of a root manifest choose; null when it has none. Changesets 2 asks there first
 * (@manypkg/get-packages 1), also where pnpm has a longer list in pnpm-workspace.yaml.
 */
export function declaredInManifest(
  manifest: Readonly<Record<string, unknown>>,
): ((dir: RelativePath) => boolean) | null {
  if (!manifest["workspaces"]) return null;
  const read = workspacePatterns({ files: new Map([["package.json", JSON.stringify(manifest)]]) });
  if (!read.ok || !read.value.declared) return null;
  const { include, exclude } = read.value;
  const isIncluded = picomatch([...include]);
  const isExcluded = picomatch([...exclude]);
  return (dir) => isIncluded(dir) && !isExcluded(dir);
}
