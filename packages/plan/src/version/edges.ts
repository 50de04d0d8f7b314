import { isRecord, type PackageName } from "@slipway/kernel";
import { dependencyFields } from "./new-range.ts";
import type { Catalogs, DependencyField, VersionedPackage } from "./types.ts";

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

/**
 * The dependencies that a manifest declares. With catalogs, `catalog:` entries and aliases lead to the packages that
 * they stand for; without (null), they are what Changesets takes them for: ranges that lead nowhere.
 */
export function edgesOf(
  each: Pick<VersionedPackage, "manifest">,
  catalogs: Catalogs | null,
): readonly Edge[] {
  return dependencyFields.flatMap((field) =>
    declared(each.manifest, field).map(([key, range]): Edge => {
      const plain = { field, key, to: key, declared: range, range };
      return catalogs === null ? plain : resolved(plain, catalogs);
    }),
  );
}

function resolved(edge: Edge, catalogs: Catalogs): Edge {
  const { key, declared: range } = edge;
  if (range.startsWith("catalog:")) {
    const entry = catalogs[range.slice("catalog:".length).trim() || "default"]?.[key];
    return entry === undefined
      ? edge
      : { ...resolved({ ...edge, declared: entry, range: entry }, {}), declared: range };
  }
  const alias = /^(npm:|workspace:)((?:@[^@/]+\/)?[^@/]+)@(.+)$/.exec(range);
  if (!alias) return edge;
  const [, protocol, to = key, rest = ""] = alias;
  return { ...edge, to, range: protocol === "workspace:" ? `workspace:${rest}` : rest };
}

/** How a new range is written where the old one stood: behind its alias, if it has one. */
export function redeclared(edge: Edge, range: string): string {
  const alias = /^(npm:|workspace:)((?:@[^@/]+\/)?[^@/]+)@/.exec(edge.declared);
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
