import { lstat, readFile, readdir, realpath } from "node:fs/promises";
import { join, posix, resolve } from "node:path";
import { isRecord } from "@slipway/kernel";
import type { PackTree } from "npm-packlist";

/**
 * Where each file of the package comes from, by its path inside: what npm would pack of the folder under this manifest,
 * and by pnpm's rule the LICENSE files of the workspace's root when the package has none anywhere.
 */
export async function packedSources(
  dir: string,
  manifest: Readonly<Record<string, unknown>>,
  licenseRoot: string | null,
): Promise<ReadonlyMap<string, string>> {
  const { default: packlist } = await import("npm-packlist");
  const files = (await packlist(await rootTree(dir, manifest))).map((file) => posix.normalize(file));
  const sources = new Map(files.map((file) => [file, join(dir, file)]));
  if (licenseRoot === null || resolve(licenseRoot) === resolve(dir)) return sources;
  if (files.some((file) => /LICEN[CS]E(\..+)?/i.test(file))) return sources;
  for (const entry of await readdir(licenseRoot, { withFileTypes: true })) {
    if (entry.isFile() && /^LICEN[CS]E(\..*)?$/.test(entry.name))
      sources.set(entry.name, join(licenseRoot, entry.name));
  }
  return sources;
}

/** The files that a package manager would make executable when it installs the package. */
export async function binFiles(
  dir: string,
  manifest: Readonly<Record<string, unknown>>,
): Promise<ReadonlySet<string>> {
  const bins = Object.values(normalizedBin(manifest)).map(inside);
  const binDir = isRecord(manifest["directories"]) ? manifest["directories"]["bin"] : undefined;
  if (bins.length === 0 && typeof binDir === "string") {
    const entries = await readdir(join(dir, inside(binDir)), { withFileTypes: true, recursive: true }).catch(
      () => [],
    );
    for (const entry of entries) {
      if (entry.isFile())
        bins.push(
          posix.join(
            inside(binDir),
            posix.relative(join(dir, inside(binDir)), join(entry.parentPath, entry.name)),
          ),
        );
    }
  }
  return new Set(bins);
}

/** A path of a manifest as a path inside the package, whatever dots it is written with. */
export function inside(path: string): string {
  return posix.join("/", path.replaceAll("\\", "/")).slice(1);
}

async function rootTree(dir: string, manifest: Readonly<Record<string, unknown>>): Promise<PackTree> {
  const bundled = bundledNames(manifest);
  const known = bundled.length > 0 ? await bundledTrees(dir, bundled) : new Map<string, PackTree>();
  return treeOf({ dir, manifest: normalized(manifest, bundled), isRoot: true, isLink: false, known });
}

interface TreeSource {
  readonly dir: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly isRoot: boolean;
  readonly isLink: boolean;
  /** Bundled packages by the folder they are found in. */
  readonly known: ReadonlyMap<string, PackTree>;
}

function treeOf({ dir, manifest, isRoot, isLink, known }: TreeSource): PackTree {
  const tree = {
    path: dir,
    package: manifest,
    isProjectRoot: isRoot,
    isLink,
    edgesOut: {
      get: (name: string) => {
        const to = lookUp(dir, name, known);
        return to ? { to, peer: false, dev: false } : undefined;
      },
    },
    get target(): PackTree {
      return tree;
    },
  };
  return tree;
}

/** Node's own way of finding a package, from inside to outside. */
function lookUp(from: string, name: string, known: ReadonlyMap<string, PackTree>): PackTree | null {
  for (let dir = from; ; dir = join(dir, "..")) {
    const found = known.get(join(dir, "node_modules", name));
    if (found) return found;
    if (dir === join(dir, "..")) return null;
  }
}

/** The bundled packages, and what they need, as far as it lies inside the package. */
async function bundledTrees(root: string, names: readonly string[]): Promise<Map<string, PackTree>> {
  const known = new Map<string, PackTree>();
  const waiting = names.map((name) => ({ from: root, name }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (let dir = next.from; dir.startsWith(root); dir = join(dir, "..")) {
      const at = join(dir, "node_modules", next.name);
      if (known.has(at)) break;
      const manifest = await manifestIn(at);
      if (!manifest) continue;
      const isLink = (await lstat(at)).isSymbolicLink();
      const bundled = normalized(manifest, bundledNames(manifest));
      known.set(at, treeOf({ dir: at, manifest: bundled, isRoot: false, isLink, known }));
      const home = isLink ? await realpath(at) : at;
      const needs = { ...record(manifest["dependencies"]), ...record(manifest["optionalDependencies"]) };
      for (const name of Object.keys(needs)) waiting.push({ from: home.startsWith(root) ? home : at, name });
      break;
    }
  }
  return known;
}

async function manifestIn(dir: string): Promise<Record<string, unknown> | null> {
  try {
    const value: unknown = JSON.parse(await readFile(join(dir, "package.json"), "utf8"));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/** npm-packlist takes what npm's own reader normalises for it. */
function normalized(
  manifest: Readonly<Record<string, unknown>>,
  bundled: readonly string[],
): Record<string, unknown> {
  const { files, ...rest } = manifest;
  return {
    ...rest,
    bin: normalizedBin(manifest),
    bundleDependencies: bundled,
    ...(Array.isArray(files) ? { files: files.filter((file) => typeof file === "string") } : {}),
  };
}

function normalizedBin(manifest: Readonly<Record<string, unknown>>): Record<string, string> {
  const { bin, name } = manifest;
  if (typeof bin === "string") return { [String(name)]: inside(bin) };
  const entries = Object.entries(record(bin)).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(entries.map(([command, path]) => [command, inside(path)]));
}

function bundledNames(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  const names = manifest["bundleDependencies"] ?? manifest["bundledDependencies"];
  if (names === true) return Object.keys(record(manifest["dependencies"]));
  if (isRecord(names)) return Object.keys(names);
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
