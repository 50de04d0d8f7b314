import { resolve } from "node:path";
import { UserError, isRecord, type PackageName, type Problem } from "@slipway/kernel";
import { clean, valid } from "semver";
import type { PackStyle, WorkspaceRanges } from "./packed.ts";

type Manifest = Readonly<Record<string, unknown>>;

/** The fields that pnpm takes from publishConfig into the manifest (pnpm 12, exportable-manifest). */
const overridable = new Set(
  "name bin engines type imports main module typings types exports browser esnext es2015 unpkg umd:main os cpu libc typesVersions".split(
    " ",
  ),
);

/** Scripts that pnpm leaves out of what it publishes. */
const packingScripts = new Set([
  "prepublishOnly",
  "prepack",
  "prepare",
  "postpack",
  "publish",
  "postpublish",
]);

export interface ManifestSource {
  readonly manifest: Manifest;
  readonly ranges: WorkspaceRanges;
  readonly style: PackStyle;
  /** The package's directory: `workspace:../dir` starts here. */
  readonly dir: string;
}

/**
 * The manifest as users get it: plain ranges, publishConfig applied, a version without build metadata.
 * Throws one UserError for all ranges that stand for nothing.
 */
export function publishedManifest(source: ManifestSource): Manifest {
  const problems: Problem[] = [];
  const { name, version } = identity(source.manifest);
  const result: Record<string, unknown> = { ...source.manifest, name, version };
  applyPublishConfig(result);
  if (source.style === "pnpm") leaveOutPacking(result);
  for (const kind of [
    "dependencies",
    "devDependencies",
    "optionalDependencies",
    "peerDependencies",
  ] as const) {
    const declared = source.manifest[kind];
    if (!isRecord(declared)) continue;
    const rewritten = Object.entries(declared).map(([dependency, range]) => {
      if (typeof range !== "string") return [dependency, range];
      const plain = plainRange({ dependency, range, kind }, source);
      if (plain !== null) return [dependency, plain];
      const message = `${name}: "${dependency}": "${range}" in ${kind} stands for nothing`;
      problems.push({ code: "pack/unresolved-range", message, file: resolve(source.dir, "package.json") });
      return [dependency, range];
    });
    result[kind] = Object.fromEntries(rewritten);
  }
  if (problems.length > 0) throw UserError.of(problems);
  return result;
}

function identity(manifest: Manifest): { name: PackageName; version: string } {
  const { name, version } = manifest;
  if (typeof name !== "string" || name === "")
    throw new UserError("workspace/bad-manifest", "a package without a name cannot be packed");
  if (typeof version !== "string" || !valid(version)) {
    throw new UserError(
      "workspace/bad-manifest",
      `${name} has no version that npm would take: ${JSON.stringify(version ?? null)}`,
    );
  }
  // npm drops build metadata, and Verdaccio 6 ends on it.
  return { name, version: clean(version) ?? version };
}

function applyPublishConfig(manifest: Record<string, unknown>): void {
  if (isRecord(manifest["publishConfig"])) {
    const kept = { ...manifest["publishConfig"] };
    for (const key of Object.keys(kept)) {
      if (!overridable.has(key)) continue;
      manifest[key] = kept[key];
      delete kept[key];
    }
    if (Object.keys(kept).length > 0) manifest["publishConfig"] = kept;
    else delete manifest["publishConfig"];
  }
}

function leaveOutPacking(manifest: Record<string, unknown>): void {
  if (isRecord(manifest["scripts"])) {
    const scripts = Object.entries(manifest["scripts"]).filter(([script]) => !packingScripts.has(script));
    manifest["scripts"] = Object.fromEntries(scripts);
  }
  delete manifest["pnpm"];
  delete manifest["packageManager"];
}

interface DeclaredRange {
  readonly dependency: PackageName;
  readonly range: string;
  readonly kind: string;
}

/** Null when the range stands for nothing. */
function plainRange(declared: DeclaredRange, source: ManifestSource): string | null {
  const range = fromCatalog(declared, source.ranges);
  if (range === null || !range.includes("workspace:"))
    return range === null ? null : fromJsr(declared.dependency, range);
  if (declared.kind === "peerDependencies") return plainPeer(declared.dependency, range, source);
  return plainWorkspace(declared.dependency, range.slice("workspace:".length), source);
}

function fromCatalog({ dependency, range }: DeclaredRange, { catalogs }: WorkspaceRanges): string | null {
  if (!range.startsWith("catalog:")) return range;
  const catalog = range.slice("catalog:".length).trim() || "default";
  return catalogs[catalog]?.[dependency] ?? null;
}

function fromJsr(dependency: PackageName, range: string): string {
  if (!range.startsWith("jsr:")) return range;
  const [, alias, selector = ""] = /^jsr:(@[^/]+\/[^@]+)?@?(.*)$/.exec(range) ?? [];
  const [scope = "", base = ""] = (alias ?? dependency).slice(1).split("/");
  return `npm:@jsr/${scope}__${base}${selector ? `@${selector}` : ""}`;
}

function plainWorkspace(
  dependency: PackageName,
  written: string,
  { ranges, dir }: ManifestSource,
): string | null {
  if (/^\.{1,2}(\/|$)/.test(written)) {
    const name = ranges.names?.[resolve(dir, written)];
    const version = name === undefined ? undefined : ranges.versions[name];
    return name === undefined || version === undefined ? null : aliased(dependency, name, version);
  }
  const [, alias, selector = ""] = /^(?:((?:@[^/@]+\/)?[^@]+)@)?(.*)$/.exec(written) ?? [];
  const name = alias ?? dependency;
  if (!["", "*", "^", "~"].includes(selector)) return aliased(dependency, name, selector);
  const version = ranges.versions[name];
  return version === undefined
    ? null
    : aliased(dependency, name, `${selector === "*" ? "" : selector}${version}`);
}

/** A peer's range may be one of several: `workspace:^ || ^1.0.0`, `workspace:>=`. */
function plainPeer(dependency: PackageName, range: string, { ranges }: ManifestSource): string | null {
  const version = ranges.versions[dependency];
  let missing = false;
  const plain = range.replace(
    /workspace:(>=|<=|[\^~*><])?(\d[^\s|]*|[xX])?/g,
    (_, operator: string | undefined, own: string | undefined) => {
      if (own !== undefined) return `${operator ?? ""}${own}`;
      if (version === undefined) missing = true;
      return `${operator === "*" || operator === undefined ? "" : operator}${version ?? ""}`;
    },
  );
  return missing ? null : plain;
}

function aliased(dependency: PackageName, name: PackageName, range: string): string {
  return dependency === name ? range : `npm:${name}@${range}`;
}
