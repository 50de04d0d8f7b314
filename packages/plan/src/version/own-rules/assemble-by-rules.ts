import type { PackageName } from "@slipway/kernel";
import { assemble, type AssembledPlan, type EdgeFilter } from "../assemble.ts";
import type { Bump, Changeset, DecidedRelease, VersionInput } from "../types.ts";
import { channelVersion } from "./channel-version.ts";
import { demandsOf } from "./demands.ts";
import { peerRuleFor } from "./peer-rule.ts";

/**
 * Changesets' own planner, with the rules of slipway.json around it: it does not see the dependencies that other rules
 * hold for, and is asked again, with a changeset of ours for every bump that those rules demand, until they demand no
 * more. Bumps only grow, so that comes to an end.
 */
export async function assembleByRules(input: VersionInput): Promise<AssembledPlan> {
  if (!hasRules(input)) return assemble(input);
  const taken = input.preState?.mode === "pre" ? (input.preState.changesets ?? []) : [];
  if (taken.length === 0 || !input.preState) return fixed(input);
  // Prereleases of generation 2 are counted from the beginning, with all that was demanded since.
  const since = await demandsUntilFixed({ ...input, preState: { ...input.preState, changesets: [] } });
  const earlier = changesetsFor(since.demands, "demand-before:");
  return fixed({
    ...input,
    changesets: [...input.changesets, ...earlier],
    preState: { ...input.preState, changesets: [...taken, ...earlier.map(({ id }) => id)] },
  });
}

function hasRules({ rules = {} }: VersionInput): boolean {
  const { peers = {}, channels = {}, firstReleases = [] } = rules;
  return Object.keys(peers).length + Object.keys(channels).length + firstReleases.length > 0;
}

async function fixed(input: VersionInput): Promise<AssembledPlan> {
  const { assembled } = await demandsUntilFixed(input);
  const { preState } = assembled;
  return {
    ...assembled,
    releases: assembled.releases.map((release) => ({
      ...release,
      changesets: withoutOurs(release.changesets),
    })),
    changesets: withoutOurs(assembled.changesets),
    preState: preState?.changesets ? { ...preState, changesets: withoutOurs(preState.changesets) } : preState,
  };
}

function withoutOurs(ids: readonly string[]): readonly string[] {
  return ids.filter((id) => !/^demand(?:-before)?:/.test(id));
}

type Demands = ReadonlyMap<PackageName, Bump>;

async function demandsUntilFixed(
  input: VersionInput,
): Promise<{ readonly assembled: AssembledPlan; readonly demands: Demands }> {
  const hides = hidden(input);
  let demands: Demands = new Map();
  for (;;) {
    const changesets = [...input.changesets, ...changesetsFor(demands, "demand:")];
    const planned = await assemble({ ...input, changesets }, hides);
    const assembled = {
      ...planned,
      releases: planned.releases.map((release) => reversioned(release, input)),
    };
    const more = demandsOf(assembled.releases, input);
    if (more.size === 0) return { assembled, demands };
    demands = new Map([...demands, ...more]);
  }
}

function changesetsFor(demands: Demands, prefix: string): readonly Changeset[] {
  return [...demands].map(([name, type]) => ({
    id: `${prefix}${name}`,
    summary: "",
    releases: [{ name, type }],
  }));
}

/** A package that stays at its version makes nobody leave a range, whatever the planner counts it up to. */
function hidden(input: VersionInput): EdgeFilter {
  const first = new Set(input.rules?.firstReleases);
  return ({ to, field }) =>
    first.has(to) || (field === "peerDependencies" && peerRuleFor(to, input) !== null);
}

function reversioned(release: DecidedRelease, input: VersionInput): DecidedRelease {
  const { channels = {}, firstReleases = [] } = input.rules ?? {};
  if (release.type === "none") return release;
  if (firstReleases.includes(release.name)) {
    const own = input.packages.find(({ name }) => name === release.name)?.manifest["version"];
    const version = typeof own === "string" ? own : release.oldVersion;
    return { ...release, oldVersion: version, newVersion: version };
  }
  const tag = Object.hasOwn(channels, release.name) ? channels[release.name] : undefined;
  if (tag === undefined || input.snapshot) return release;
  return { ...release, newVersion: channelVersion(release.oldVersion, release.type, tag) };
}
