import { existsSync } from "node:fs";
import { join } from "node:path";

/** Any of these says that a manifest is of something to be loaded, started or read. */
const contents = ["exports", "module", "types", "typings", "bin", "files"];

/** Publishers that never take the root of a workspace for one of its packages. */
const memberPublishers = ["lerna.json", "rush.json"];

/**
 * Says whether the root of a workspace is published as its members are: a package of its own beside its playground and
 * examples. Not in a repository of Changesets or lerna, which leave the root alone whatever its manifest says.
 */
export function isReleasedRoot(
  root: string,
  manifest: Readonly<Record<string, unknown>>,
  hasChangesets: boolean,
): boolean {
  const { name, version } = manifest;
  if (hasChangesets || memberPublishers.some((file) => existsSync(join(root, file)))) return false;
  if (Boolean(manifest["private"]) || typeof name !== "string" || typeof version !== "string") return false;
  if (version === "0.0.0") return false;
  return hasMain(root, manifest["main"]) || contents.some((field) => (manifest[field] ?? "") !== "");
}

/** `npm init` writes `"main": "index.js"` into every manifest, also where nobody means to publish anything. */
function hasMain(root: string, main: unknown): boolean {
  return typeof main === "string" && main !== "" && existsSync(join(root, main));
}
