import type { Problem } from "@slipway/kernel";
import { versionOf, type AssembledPlan } from "./assemble.ts";
import { becauseOf, type ReasonSources } from "./because-of.ts";
import { changelogNotes } from "./changelog-notes.ts";
import { edgesOf, redeclared } from "./edges.ts";
import { assembleByRules } from "./own-rules/assemble-by-rules.ts";
import { acrossChannels, checkChannels } from "./own-rules/check-channels.ts";
import { onlyAsked, refuseUnclosed } from "./own-rules/only.ts";
import { newRange, type Move, type RangeRules } from "./new-range.ts";
import { leftBehind, notFollowed, withoutSkipped, type Sorted } from "./skipped.ts";
import type {
  CatalogChange,
  ChangesetFate,
  ManifestChange,
  PackageBump,
  PreState,
  VersionDecision,
  VersionedPackage,
  VersionInput,
} from "./types.ts";

/**
 * Decides the new versions and ranges from the pending changesets: what Changesets itself would decide, with the reason
 * for each bump. What it would refuse as a whole is planned as far as it goes; the rest is named in `left`.
 */
export async function planVersions(given: VersionInput): Promise<VersionDecision> {
  checkChannels(given);
  const asked = onlyAsked(given);
  const { changesets, left, rest } = withoutSkipped(asked.input);
  const input = { ...asked.input, changesets };
  const assembled = await assembleByRules(input);
  const decision = decisionFrom(assembled, input, { left, rest: merged(asked.rest, rest) });
  refuseUnclosed(decision, given);
  return decision;
}

/** What both sides leave pending; a file that one of them keeps is kept. */
function merged(first: Sorted["rest"], second: Sorted["rest"]): Sorted["rest"] {
  const whole = new Map(first);
  for (const [id, rest] of second) {
    const known = whole.get(id) ?? [];
    whole.set(id, rest === "keep" || known === "keep" ? "keep" : [...known, ...rest]);
  }
  return whole;
}

/** What a plan of versions means for manifests, changelogs and changesets. */
export function decisionFrom(
  assembled: AssembledPlan,
  input: VersionInput,
  { left, rest }: Pick<Sorted, "left" | "rest">,
): VersionDecision {
  const byName = new Map(input.packages.map((each) => [each.name, each]));
  const moves = assembled.releases.flatMap((release): Move[] => {
    const of = byName.get(release.name);
    return of ? [{ ...release, dir: of.dir }] : [];
  });
  const rules = {
    generation: input.generation,
    settings: input.settings,
    snapshot: input.snapshot !== null,
  };
  const sources: ReasonSources = {
    input,
    moves: new Map(moves.map((move) => [move.name, move])),
    packages: byName,
    changesets: new Map(input.changesets.map((changeset) => [changeset.id, changeset])),
  };
  return {
    generation: input.generation,
    bumps: moves.flatMap((move) => bumpOf(move, byName, sources) ?? []),
    releases: assembled.releases,
    manifests: manifestChanges({ ...input, followers: assembled.followers }, moves, rules),
    catalogs: catalogChanges(input, moves, rules),
    notes: changelogNotes(moves, input, assembled.changesets),
    changesets: fatesOf(assembled, input, rest),
    preState: preStateAfter(assembled, input),
    left: [
      ...left,
      ...leftBehind(moves, input),
      ...notFollowed(moves, input),
      ...acrossChannels(moves, input),
      ...withoutVersion(input),
    ],
  };
}

/** The decision where no changeset is there: nothing changes, the state of pre mode neither. */
export function emptyDecision({ generation, preState }: VersionInput): VersionDecision {
  return {
    generation,
    bumps: [],
    releases: [],
    manifests: [],
    catalogs: [],
    notes: [],
    changesets: [],
    preState,
    left: [],
  };
}

/** A catalog's entry follows like a range in a manifest would, but no prerelease of a channel: all packages share it. */
function catalogChanges(
  { catalogs, rules: own }: VersionInput,
  moves: readonly Move[],
  rules: RangeRules,
): readonly CatalogChange[] {
  const channels = own?.channels ?? {};
  const byName = new Map(moves.map((move) => [move.name, move]));
  return Object.entries(catalogs ?? {}).flatMap(([catalog, entries]) =>
    Object.entries(entries).flatMap(([name, from]) => {
      const move = Object.hasOwn(channels, name) ? undefined : byName.get(name);
      const value = move ? newRange({ range: from, field: "dependencies" }, move, rules) : null;
      return value === null || value === from ? [] : [{ catalog, package: name, from, value }];
    }),
  );
}

function bumpOf(
  move: Move,
  byName: ReadonlyMap<string, VersionedPackage>,
  sources: ReasonSources,
): PackageBump | null {
  const from = versionOf(byName.get(move.name) ?? { name: "", dir: "", manifest: {} });
  const first = sources.input.rules?.firstReleases?.includes(move.name) === true && move.type !== "none";
  if (from === null || (from === move.newVersion && !first)) return null;
  return {
    package: move.name,
    from,
    to: move.newVersion,
    bump: move.type,
    because: becauseOf(move, sources),
  };
}

/** The version first, then the ranges in the order in which the manifest has them. */
function manifestChanges(
  input: VersionInput & Pick<AssembledPlan, "followers">,
  moves: readonly Move[],
  rules: RangeRules,
): readonly ManifestChange[] {
  const byName = new Map(moves.map((move) => [move.name, move]));
  const root = input.root && rules.generation === 3 ? [input.root] : [];
  const touched = new Set([...byName.keys(), ...input.followers]);
  return [...input.packages.filter((each) => touched.has(each.name)), ...root].flatMap((each) => {
    const version = each === input.root ? undefined : byName.get(each.name)?.newVersion;
    const changes: { keys: readonly string[]; from: string; value: string }[] = [];
    if (version !== undefined && version !== each.manifest["version"])
      changes.push({ keys: ["version"], from: String(each.manifest["version"]), value: version });
    for (const edge of edgesOf(each, input)) {
      const move = byName.get(edge.to);
      // A range in a catalog is rewritten there.
      const range = move && !edge.declared.startsWith("catalog:") ? newRange(edge, move, rules) : null;
      const from = edge.declared;
      const value = range === null ? from : redeclared(edge, range);
      if (value !== from) changes.push({ keys: [edge.field, edge.key], from, value });
    }
    return changes.length > 0 ? [{ package: each.name, dir: each.dir, changes }] : [];
  });
}

/**
 * Generation 2 keeps the files during pre mode and lists them in pre.json; generation 3 moves them to `.changeset/pre`.
 * A changeset that names a package which is skipped stays.
 */
function fatesOf(
  assembled: AssembledPlan,
  input: VersionInput,
  rest: Sorted["rest"],
): readonly ChangesetFate[] {
  const inPre = assembled.preState?.mode === "pre";
  if (inPre && input.generation === 2) return [];
  const taken = inPre ? (input.preState?.changesets ?? []) : [];
  const ids = input.changesets.map(({ id }) => id).filter((id) => taken.includes(id));
  return [...ids, ...assembled.changesets].flatMap((id): ChangesetFate[] => {
    const left = rest.get(id);
    if (left === "keep") return [];
    if (left && left.length > 0) return [{ id, fate: "keep-rest", rest: left }];
    return [{ id, fate: inPre ? "set-aside" : "remove" }];
  });
}

function preStateAfter(assembled: AssembledPlan, input: VersionInput): PreState | null {
  if (input.snapshot) return input.preState;
  return assembled.preState?.mode === "exit" ? null : assembled.preState;
}

function withoutVersion(input: VersionInput): readonly Problem[] {
  return input.packages
    .filter((each) => each.manifest["version"] !== undefined && versionOf(each) === null)
    .map((each) => {
      const version = JSON.stringify(each.manifest["version"]);
      const message = `${each.name} is left out: its version ${version} is not a semantic version`;
      return {
        code: "workspace/bad-manifest",
        message,
        file: each.dir === "" ? "package.json" : `${each.dir}/package.json`,
      };
    });
}
