import { isRecord, type PackageName } from "@slipway/kernel";
import { dependencyFields } from "./new-range.ts";
import { satisfies } from "./ranges.ts";
import type { Catalogs, DependencyField, OwnRules, VersionedPackage } from "./types.ts";

/** One dependency as a manifest declares it, and what it comes to. */
export interface Edge {
  readonly field: DependencyField;
  /** The key in the manifest: an alias has another one than the package that it leads to. */
  readonly key: string;
  readonly to: PackageName;
  readonly declared: string;
  /** The declared range with catalogs looked up and the alias taken off. */
  readonly range: string;
}

/** What decides where a declared dependency leads. */
export interface EdgeRules {
  readonly packages: readonly VersionedPackage[];
  readonly catalogs: Catalogs | null;
  readonly aliases?: boolean;
  readonly rules?: OwnRules;
}

/**
 * The dependencies that a manifest declares. `catalog:` entries and aliases lead to the packages that they stand for,
 * or, where that is switched off, are what Changesets takes them for: ranges that lead nowhere. A package that is on no
 * channel does not follow the prereleases of one that is.
 */
export function edgesOf(
  each: Pick<VersionedPackage, "name" | "manifest">,
  rules: EdgeRules,
): readonly Edge[] {
  const all = declaredEdges(each, rules);
  const channels = rules.rules?.channels ?? {};
  if (Object.keys(channels).length === 0 || Object.hasOwn(channels, each.name)) return all;
  return all.filter(({ to }) => !Object.hasOwn(channels, to));
}

/** Each package's edges are asked for several times in one plan. */
const edgesByRules = new WeakMap<EdgeRules, WeakMap<object, readonly Edge[]>>();

/** As {@link edgesOf}, with the dependencies on packages that are on a channel. */
export function declaredEdges(
  { manifest }: Pick<VersionedPackage, "manifest">,
  rules: EdgeRules,
): readonly Edge[] {
  const byManifest = edgesByRules.get(rules) ?? new WeakMap<object, readonly Edge[]>();
  edgesByRules.set(rules, byManifest);
  const known = byManifest.get(manifest);
  if (known) return known;
  const edges = dependencyFields.flatMap((field) =>
    declared(manifest, field).map(([key, range]): Edge => {
      const plain = { field, key, to: key, declared: range, range };
      return unaliased(fromCatalog(plain, rules), rules);
    }),
  );
  byManifest.set(manifest, edges);
  return edges;
}

function fromCatalog(edge: Edge, { catalogs }: EdgeRules): Edge {
  const { key, declared: range } = edge;
  if (catalogs === null || !range.startsWith("catalog:")) return edge;
  const entry = catalogs[range.slice("catalog:".length).trim() || "default"]?.[key];
  return entry === undefined ? edge : { ...edge, range: entry };
}

function unaliased(edge: Edge, rules: EdgeRules): Edge {
  const alias = (rules.aliases ?? rules.catalogs !== null) ? ALIAS.exec(edge.range) : null;
  if (!alias) return edge;
  const [, protocol, to = edge.key, rest = ""] = alias;
  if (protocol === "workspace:") return { ...edge, to, range: `workspace:${rest}` };
  // An alias that the workspace's version does not fit is there to have an older release beside it.
  const version = versionsIn(rules.packages).get(to);
  return version !== undefined && satisfies(version, rest) ? { ...edge, to, range: rest } : edge;
}

const ALIAS = /^(npm:|workspace:)((?:@[^@/]+\/)?[^@/]+)@(.+)$/;

const versionsByPackages = new WeakMap<readonly VersionedPackage[], ReadonlyMap<PackageName, string>>();

function versionsIn(packages: readonly VersionedPackage[]): ReadonlyMap<PackageName, string> {
  const known = versionsByPackages.get(packages);
  if (known) return known;
  const versions = new Map(packages.map(({ name, manifest }) => [name, String(manifest["version"])]));
  versionsByPackages.set(packages, versions);
  return versions;
}

/** How a new range is written where the old one stood: behind its alias, if it has one. */
export function redeclared(edge: Edge, range: string): string {
  const alias = ALIAS.exec(edge.declared);
  if (!alias || edge.to === edge.key) return range;
  return `${alias[1]}${alias[2]}@${range.replace(/^workspace:/, "")}`;
}

/** The string entries of a dependency field. */
export function declared(
  manifest: VersionedPackage["manifest"],
  field: string,
): readonly (readonly [string, string])[] {
  const value = manifest[field];
  if (!isRecord(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
}
