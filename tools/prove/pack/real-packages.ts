import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadWorkspace } from "../../../packages/cli/src/wire/load-workspace.ts";

/** A package as somebody published or wrote it, copied to a folder of its own. */
export interface RealPackage {
  readonly id: string;
  readonly dir: string;
  /** The folder of the pnpm workspace that it belongs to; null outside of one. */
  readonly workspaceRoot: string | null;
}

const treeBytesMax = 3_000_000;
const treeFilesMax = 600;

/** Copies packages of this repository's node_modules to `to`: spread by the seed over all there are, small ones. */
export function realPackages(
  root: string,
  options: { readonly count: number; readonly seed: number; readonly to: string },
): readonly RealPackage[] {
  const store = join(root, "node_modules/.pnpm");
  const found = new Map<string, string>();
  for (const entry of readdirSync(store).toSorted()) {
    const modules = join(store, entry, "node_modules");
    for (const name of namesIn(modules)) {
      const dir = realpathSync(join(modules, name));
      const id = idOf(dir);
      if (id !== null && !found.has(id)) found.set(id, dir);
    }
  }
  const chosen: RealPackage[] = [];
  for (const [id, dir] of spread([...found], options.seed)) {
    if (chosen.length === options.count) break;
    if (!isSmall(dir)) continue;
    const copy = join(options.to, id.replaceAll("/", "+"));
    mkdirSync(copy, { recursive: true });
    cpSync(dir, copy, {
      recursive: true,
      filter: (path) => !path.slice(dir.length).includes("/node_modules"),
    });
    chosen.push({ id, dir: copy, workspaceRoot: null });
  }
  return chosen.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** The packages of a workspace somewhere on this machine, in place: nothing is written there. */
export function packagesOf(repository: string): readonly RealPackage[] {
  const { root, workspace } = loadWorkspace(repository);
  const workspaceRoot = workspace.manager.name === "pnpm" ? root : null;
  return workspace.packages.flatMap((each) => {
    const dir = join(root, each.dir);
    const id = each.dir === "" ? null : idOf(dir);
    return id === null ? [] : [{ id, dir, workspaceRoot }];
  });
}

function namesIn(modules: string): readonly string[] {
  if (!statSync(modules, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(modules).flatMap((name) =>
    name.startsWith("@")
      ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`)
      : name.startsWith(".")
        ? []
        : [name],
  );
}

/** Null when it is no package that npm would take, or one that was published from a folder that is not here any more. */
function idOf(dir: string): string | null {
  try {
    const manifest = JSON.parse(readFileSync(join(dir, "package.json"), "utf8")) as PublishedManifest;
    const { name, version, publishConfig } = manifest;
    if (typeof name !== "string" || typeof version !== "string" || !/^\d+\.\d+\.\d+/.test(version))
      return null;
    const from = publishConfig?.directory;
    return from === undefined || existsSync(join(dir, from, "package.json")) ? `${name}@${version}` : null;
  } catch {
    return null;
  }
}

interface PublishedManifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly publishConfig?: { readonly directory?: string };
}

function isSmall(dir: string): boolean {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  if (files.length > treeFilesMax) return false;
  let bytes = 0;
  for (const file of files) bytes += statSync(join(file.parentPath, file.name)).size;
  return bytes <= treeBytesMax;
}

/** The same order for the same seed: by a hash of place and seed. */
function spread<T>(items: readonly T[], seed: number): readonly T[] {
  const keyed = items.map((item, index) => ({ item, key: Math.imul((index + 1) ^ seed, 0x9e3779b1) >>> 0 }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item);
}
