import { edgesOf } from "./edges.ts";
import { takesUp, type Move } from "./new-range.ts";
import { validRange } from "./ranges.ts";
import type { ChangelogNotes, DependencyNote, VersionInput } from "./types.ts";

/**
 * What each released package's changelog entry will tell: the changesets that name it, and the dependencies that it
 * takes up. Development and optional dependencies are not told.
 * Source: getChangelogEntry in @changesets/apply-release-plan.
 */
export function changelogNotes(
  moves: readonly Move[],
  input: VersionInput,
  relevant: readonly string[],
): readonly ChangelogNotes[] {
  const ids = new Set(relevant);
  const changesets = input.changesets.filter((changeset) => ids.has(changeset.id));
  const changesetIds = changesets.map(({ id }) => id);
  const ownChangesets = changesetsByPackage(changesets);
  const order = new Map(moves.map((move, at) => [move.name, at]));
  const byName = new Map(input.packages.map((each) => [each.name, each]));
  return moves
    .filter((move) => move.type !== "none")
    .map((move) => {
      const edges = edgesOf(byName.get(move.name) ?? { name: move.name, manifest: {} }, input);
      const rangesIn = (field: string) =>
        new Map(edges.filter((edge) => edge.field === field).map((edge) => [edge.to, edge.range]));
      const runtime = rangesIn("dependencies");
      const peers = rangesIn("peerDependencies");
      const known = new Set([...runtime.keys(), ...peers.keys()].flatMap((name) => order.get(name) ?? []));
      const dependencies = [...known]
        .toSorted((a, b) => a - b)
        .flatMap((at) => moves[at] ?? [])
        .filter((other) => {
          const inRuntime = runtime.get(other.name);
          const range = inRuntime || peers.get(other.name);
          if (!range || (!range.startsWith("workspace:") && validRange(range) === null)) return false;
          const field = inRuntime ? "dependencies" : "peerDependencies";
          return takesUp({ range, field }, other, input.settings);
        });
      const brought = new Set(dependencies.flatMap((other) => other.changesets));
      return {
        package: move.name,
        dir: move.dir,
        version: move.newVersion,
        changesets: ownChangesets.get(move.name) ?? [],
        dependencies: dependencies.map((other): DependencyNote => ({ ...other })),
        dependencyChangesets: brought.size === 0 ? [] : changesetIds.filter((id) => brought.has(id)),
      };
    });
}

/** A changeset names each package once. */
function changesetsByPackage(
  changesets: VersionInput["changesets"],
): ReadonlyMap<string, ChangelogNotes["changesets"]> {
  const byPackage = new Map<string, ChangelogNotes["changesets"][number][]>();
  for (const { id, releases } of changesets)
    for (const { name, type } of releases) {
      const own = byPackage.get(name) ?? [];
      byPackage.set(name, own);
      if (type !== "none") own.push({ id, type });
    }
  return byPackage;
}
