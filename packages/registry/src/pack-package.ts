import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError, integrityOf, isRecord, sha256 } from "@slipway/kernel";
import { binFiles, inside, packedSources } from "./packed-files.ts";
import type { PackRequest, PackedTarball } from "./packed.ts";
import { publishedManifest } from "./published-manifest.ts";
import { gzip, writeTar, type TarEntry } from "./tar.ts";

/**
 * Packs a built package once. The same content gives the same bytes: whatever the time, the umask, the owner, the
 * machine's locale or the order of its directories.
 */
export async function packPackage(
  request: PackRequest,
): Promise<{ readonly tarball: PackedTarball; readonly bytes: Uint8Array }> {
  const style = request.style ?? "pnpm";
  const { dir, text, manifest: written } = await whatIsPacked(request);
  const manifest = publishedManifest({ manifest: written, ranges: request.ranges, style, dir: request.dir });
  const sources = await packedSources(dir, manifest, style === "pnpm" ? request.workspaceRoot : null);
  const executable = await executables(dir, { manifest, written }, request.executables ?? []);
  const files = [...sources.keys()].toSorted();
  const entries: TarEntry[] = [];
  for (const file of files) {
    const bytes =
      file === "package.json"
        ? manifestBytes(manifest, written, text)
        : await read(sources.get(file) ?? file);
    entries.push({ path: `package/${file}`, mode: executable.has(file) ? 0o755 : 0o644, bytes });
  }
  const tar = writeTar(entries);
  const bytes = gzip(tar);
  const name = String(manifest["name"]);
  const version = String(manifest["version"]);
  const path = join(request.to, `${name.replace("/", "+")}-${version}.tgz`);
  await writeWhole(path, bytes);
  const digests = { integrity: integrityOf(bytes), tarSha256: sha256(tar) };
  return { tarball: { name, version, ...digests, sizeBytes: bytes.length, files, manifest, path }, bytes };
}

interface PackSource {
  readonly dir: string;
  /** The package.json as it is on disk; null when the caller brings a manifest. */
  readonly text: string | null;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** The package's folder, or the built one that its publishConfig names, which has its own manifest. */
async function whatIsPacked(request: PackRequest): Promise<PackSource> {
  const entry = await readManifest(request.dir, request.manifest);
  const config = entry.manifest["publishConfig"];
  const directory = isRecord(config) ? config["directory"] : undefined;
  if (typeof directory !== "string" || inside(directory) === "") return { dir: request.dir, ...entry };
  const dir = resolve(request.dir, directory);
  const inner = await readManifest(dir, undefined);
  // A new version is planned for the package, and its built copy still has the one it was built with.
  const version = request.manifest?.["version"];
  if (version === undefined || version === inner.manifest["version"]) return { dir, ...inner };
  return { dir, text: null, manifest: { ...inner.manifest, version } };
}

async function readManifest(dir: string, given: PackRequest["manifest"]): Promise<Omit<PackSource, "dir">> {
  if (given) return { text: null, manifest: given };
  const path = join(dir, "package.json");
  const text = Buffer.from(await read(path)).toString("utf8");
  try {
    const manifest: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    if (isRecord(manifest)) return { text, manifest };
  } catch (cause) {
    throw new UserError("workspace/bad-manifest", `${path} is not JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
  throw new UserError("workspace/bad-manifest", `${path} is not an object`);
}

/** As written when nothing had to change; else two spaces, as npm and pnpm write it. */
function manifestBytes(
  manifest: Readonly<Record<string, unknown>>,
  written: Readonly<Record<string, unknown>>,
  text: string | null,
): Uint8Array {
  const unchanged = text !== null && JSON.stringify(manifest) === JSON.stringify(written);
  return Buffer.from(unchanged ? text : `${JSON.stringify(manifest, null, 2)}\n`);
}

async function executables(
  dir: string,
  manifests: Record<"manifest" | "written", Readonly<Record<string, unknown>>>,
  fromGit: readonly string[],
): Promise<ReadonlySet<string>> {
  const config = manifests.written["publishConfig"];
  const named = isRecord(config) && Array.isArray(config["executableFiles"]) ? config["executableFiles"] : [];
  return new Set([
    ...(await binFiles(dir, manifests.manifest)),
    ...fromGit,
    ...named.filter((file) => typeof file === "string").map(inside),
  ]);
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UserError("pack/unreadable", `${path} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: "build the package before it is packed",
    });
  }
}

/** Nobody ever sees half a tarball under its name. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, bytes);
  await rename(temporary, path);
}
