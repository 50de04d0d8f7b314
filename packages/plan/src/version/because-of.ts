import { versionOf } from "./assemble.ts";
import { edgesOf, type Edge } from "./edges.ts";
import type { Move } from "./new-range.ts";
import { publishedRange } from "./own-rules/demands.ts";
import { bumpByRule, peerRuleFor } from "./own-rules/peer-rule.ts";
import { satisfies, validRange } from "./ranges.ts";
import type { BumpReason, Changeset, VersionedPackage, VersionInput } from "./types.ts";

export interface ReasonSources {
  readonly input: VersionInput;
  readonly moves: ReadonlyMap<string, Move>;
  readonly packages: ReadonlyMap<string, VersionedPackage>;
  readonly changesets: ReadonlyMap<string, Changeset>;
}

/** All that leads to this bump: its own changesets, dependencies that leave their range, the groups it stands in. */
export function becauseOf(move: Move, sources: ReasonSources): readonly BumpReason[] {
  const { input, moves } = sources;
  const each = sources.packages.get(move.name);
  const reasons = [
    ...ownChangesets(move, sources),
    ...(each ? dependencyReasons(each, sources) : []),
    ...groupReasons(move, sources),
  ];
  if (input.rules?.firstReleases?.includes(move.name)) reasons.push({ kind: "first-release" });
  const leaving = input.preState?.mode === "exit" && move.changesets.length === 0;
  const prerelease = each && versionOf(each)?.includes("-");
  if (leaving && prerelease) reasons.push({ kind: "pre-exit" });
  return reasons.length > 0 || !moves.has(move.name) ? reasons : [{ kind: "pre-exit" }];
}

function ownChangesets(move: Move, { changesets }: ReasonSources): BumpReason[] {
  return move.changesets.flatMap((id) => {
    const changeset = changesets.get(id);
    const release = changeset?.releases.find(({ name }) => name === move.name);
    if (!changeset || !release) return [];
    const [summary = ""] = changeset.summary.split("\n");
    return [{ kind: "changeset" as const, changeset: id, bump: release.type, summary }];
  });
}

function dependencyReasons(each: VersionedPackage, sources: ReasonSources): BumpReason[] {
  return edgesOf(each, sources.input).flatMap((edge) => {
    const to = sources.moves.get(edge.to);
    const rule = to && ruleOf(edge, to, sources.input);
    if (!to || !rule) return [];
    const { field, declared } = edge;
    const range = declared === edge.range ? declared : `${declared} (${edge.range})`;
    return [{ kind: "dependency" as const, dependency: edge.to, to: to.newVersion, range, in: field, rule }];
  });
}

/** A development dependency only has its range rewritten, so it is never a reason. */
function ruleOf(edge: Edge, to: Move, input: VersionInput): "out-of-range" | "always" | "peer" | null {
  if (to.type === "none" || edge.field === "devDependencies") return null;
  const { settings, generation } = input;
  const own = edge.field === "peerDependencies" ? peerRuleFor(edge.to, input) : null;
  if (own) {
    const published = publishedRange(edge.range, to.oldVersion);
    const leavesRange = published !== null && !satisfies(to.newVersion, published);
    if (bumpByRule(own, { type: to.type, leavesRange }) === null) return null;
    return leavesRange ? "out-of-range" : "peer";
  }
  const bare = edge.range.replace(/^workspace:/, "");
  const range =
    bare === "^" || bare === "~" ? `${bare}${to.oldVersion}` : bare === "*" ? to.oldVersion : bare;
  if (edge.range === "*" || (validRange(range) === null && !edge.range.startsWith("workspace:"))) return null;
  const peer = generation === 2 && edge.field === "peerDependencies" && to.type !== "patch";
  if (peer && !settings.onlyUpdatePeerDependentsWhenOutOfRange) return "peer";
  if (!satisfies(to.newVersion, range)) return peer ? "peer" : "out-of-range";
  return settings.updateInternalDependents === "always" ? "always" : null;
}

function groupReasons(move: Move, { input, moves }: ReasonSources): BumpReason[] {
  return (["fixed", "linked"] as const).flatMap((kind) =>
    input.settings[kind].flatMap((group): BumpReason[] => {
      if (!group.includes(move.name)) return [];
      const others = group.filter((name) => name !== move.name && moves.get(name)?.type === move.type);
      const released = others.filter(
        (name) => kind === "linked" || (moves.get(name)?.changesets.length ?? 0) > 0,
      );
      return released.length > 0 && move.type !== "none" ? [{ kind, with: released }] : [];
    }),
  );
}
