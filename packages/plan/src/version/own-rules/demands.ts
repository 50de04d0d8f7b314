import type { PackageName } from "@slipway/kernel";
import { inc } from "semver";
import { edgesOf, type Edge } from "../edges.ts";
import { satisfies, validRange } from "../ranges.ts";
import { whySkipped } from "../skipped.ts";
import type { Bump, DecidedRelease, VersionInput } from "../types.ts";
import { bumpByRule, peerRuleFor } from "./peer-rule.ts";

const LEVELS: readonly Bump[] = ["none", "patch", "minor", "major"];

/** The bumps that the rules of slipway.json ask for beyond those that the releases have already. */
export function demandsOf(
  releases: readonly DecidedRelease[],
  input: VersionInput,
): ReadonlyMap<PackageName, Bump> {
  const byName = new Map(releases.map((release) => [release.name, release]));
  const demands = new Map<PackageName, Bump>();
  for (const each of input.packages) {
    if (whySkipped(each, input) !== null) continue;
    const has = byName.get(each.name)?.type ?? "none";
    const wanted = edgesOf(each, input).map((edge) => demandedBy(edge, byName.get(edge.to), input));
    const largest = Math.max(0, ...wanted.map((bump) => LEVELS.indexOf(bump)));
    if (largest > LEVELS.indexOf(has)) demands.set(each.name, LEVELS[largest] ?? "none");
  }
  return demands;
}

function demandedBy(edge: Edge, to: DecidedRelease | undefined, input: VersionInput): Bump {
  if (!to || to.type === "none" || edge.field === "devDependencies") return "none";
  const outside = leaves(edge.range, to, input);
  const rule = edge.field === "peerDependencies" ? peerRuleFor(edge.to, input) : null;
  if (rule) return bumpByRule(rule, { type: to.type, leavesRange: outside }) ?? "none";
  // A prerelease is outside of ranges that the planner, which counts to the version to come, finds it in.
  const onChannel = Object.hasOwn(input.rules?.channels ?? {}, edge.to);
  return onChannel && outside ? "patch" : "none";
}

/** As the range stands in what is published. A snapshot is judged by the version that it is a snapshot of. */
function leaves(range: string, to: DecidedRelease, input: VersionInput): boolean {
  const next = input.snapshot && to.type !== "none" ? inc(to.oldVersion, to.type) : to.newVersion;
  const published = publishedRange(range, to.oldVersion);
  if (published === null || next === null || next === to.oldVersion) return false;
  return !satisfies(next, published);
}

/** Whether a version is outside of a declared range; what is no range of versions is never left. */
export function leavesRange(declared: string, version: string): boolean {
  const published = publishedRange(declared, version);
  return published !== null && !satisfies(version, published);
}

/** `workspace:^` comes to a caret and the dependency's version; null for what is no range of versions. */
export function publishedRange(range: string, version: string): string | null {
  const bare = range.replace(/^workspace:/, "");
  const workspace = bare !== range;
  if (workspace && (bare === "^" || bare === "~")) return `${bare}${version}`;
  if (workspace && (bare === "*" || validRange(bare) === null)) return version;
  return bare === "*" || validRange(bare) === null ? null : bare;
}
