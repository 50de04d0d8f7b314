import { digestOf, findCycle, waves, type Integrity, type PackageName, type Sha256 } from "@slipway/kernel";
import { markOf, type BatchMark } from "./batch-mark.ts";
import type { ChosenMode } from "./choose-mode.ts";
import { distTagOf } from "./dist-tag.ts";
import { nothingSigned, provenanceOf } from "./provenance.ts";
import type {
  GitTag,
  LeftPackage,
  PlannedPackage,
  PublishedPackage,
  PublishedPackages,
  ReleaseCandidate,
  ReleaseInput,
  ReleasePlan,
  ReleaseReason,
} from "./types.ts";

/**
 * What has to happen so that every version of the workspace is on its registry, visible, and tagged in git.
 *
 * The batch is what the registry does not have yet, with what an unfinished batch of ours left there: its uploads carry
 * a mark, so a machine without journal or sealed folder recognises and adopts them. Other versions that the registry
 * has are not in the batch, whatever their bytes are.
 */
export function planRelease(asked: ReleaseInput): ReleasePlan {
  const input = registered(asked);
  const members = input.candidates.filter((each) => stateOf(each, input) !== "left");
  const id = releaseId(members, input);
  const batchTag = input.mode === "tag" ? `slipway-${id}` : null;
  const needs = batchNeeds(members);
  const byName = new Map(members.map((member) => [member.name, member]));
  const packages = waves(needs)
    .flat()
    .flatMap((name) => {
      const member = byName.get(name);
      return member ? [planned(member, { input, batchTag, needs: needs.get(name) ?? [] })] : [];
    });
  return {
    schema: 1,
    id,
    commit: input.commit,
    mode: input.mode,
    modeBecause: input.modeBecause ?? "asked",
    channel: input.channel,
    batchTag,
    packages,
    left: input.candidates.flatMap((each) => left(each, input)),
    gitTags: input.gitTags === null ? [] : missingGitTags(input, packages),
    gitPush: input.gitPush ?? "together",
    // Neither `v*` nor `*@*`: workflows that start on a package's tag do not start on this one.
    gitBatchTag: wantsBatchTag(input, packages) ? `release-${id}` : null,
    gates: input.gates,
  };
}

/** The plan with the digests of what was packed. */
export function sealPlan(
  plan: ReleasePlan,
  integrities: Readonly<Record<PackageName, Integrity>>,
): ReleasePlan {
  const packages = plan.packages.map((each) => {
    return { ...each, integrity: integrities[each.name] ?? each.integrity };
  });
  return { ...plan, packages };
}

/** The same batch in another mode: a sealed folder goes out with the credentials of the job that publishes it. */
export function inMode(plan: ReleasePlan, { mode, because }: ChosenMode): ReleasePlan {
  const batchTag = mode === "tag" ? `slipway-${plan.id}` : null;
  const packages = plan.packages.map((each) => {
    const others = each.batchTags.filter((tag) => tag !== plan.batchTag);
    return { ...each, batchTags: batchTag === null ? others : [...new Set([batchTag, ...others])] };
  });
  return { ...plan, mode, modeBecause: because, batchTag, packages };
}

/** The same batch on another dist-tag; what it uploaded before keeps the one that its mark names. */
export function inChannel(plan: ReleasePlan, channel: string, published: PublishedPackages): ReleasePlan {
  const packages = plan.packages.map((each) => {
    if (each.state === "uploaded") return each;
    return { ...each, tag: channel, from: published[each.name]?.distTags[channel] ?? null };
  });
  return { ...plan, channel, packages };
}

/** What approvals are bound to and journals are checked against. */
export function releasePlanDigest(plan: ReleasePlan): Sha256 {
  return digestOf(plan);
}

/** Git tags that versions lack which others published: nobody here knows their commits, so they are not filled in. */
export function untaggedVersions(
  plan: ReleasePlan,
  {
    existing,
    singlePackage,
  }: { readonly existing: ReleaseInput["gitTags"]; readonly singlePackage: boolean },
): readonly string[] {
  const made = new Set(plan.gitTags.map(({ name }) => name));
  return plan.left.flatMap(({ name, version, because }) => {
    if (because !== "already-published" || version === null || existing === null) return [];
    const tag = gitTagOf({ name, version }, { singlePackage });
    return tag in existing || made.has(tag) ? [] : [tag];
  });
}

type State = "missing" | "uploaded" | "left";

function stateOf(candidate: ReleaseCandidate, input: Registered): State {
  if (candidate.private || candidate.ignored || candidate.version === null) return "left";
  const version = input.published[candidate.name]?.versions[candidate.version];
  if (!version) return "missing";
  const mark = markOf(version.manifest);
  if (!mark) return "left";
  const isOpen =
    isHeld(candidate, input.published) ||
    isUnfinishedHere(mark, input) ||
    input.openReleases.has(mark.release) ||
    isUntagged(candidate, input);
  return isOpen ? "uploaded" : "left";
}

/** Without a batch tag, the git tag is the last sign of a release that has ended. */
function isUntagged({ name, version }: ReleaseCandidate, input: ReleaseInput): boolean {
  if (input.mode === "tag" || input.gitTags === null) return false;
  return !(gitTagOf({ name, version }, input) in input.gitTags);
}

function gitTagOf(
  each: Pick<ReleaseCandidate, "name" | "version">,
  input: Pick<ReleaseInput, "singlePackage">,
): string {
  return input.singlePackage ? `v${each.version}` : `${each.name}@${each.version}`;
}

/** True while a batch tag of ours points at the version: it goes only after the last dist-tag has moved. */
function isHeld(candidate: ReleaseCandidate, published: PublishedPackages): boolean {
  return batchTagsOf(published[candidate.name], candidate.version).length > 0;
}

/** Uploaded for this very commit, while other versions of the same commit are still missing. */
function isUnfinishedHere(mark: BatchMark, { commit, isIncomplete }: Registered): boolean {
  return mark.commit === commit && isIncomplete;
}

/** What the registries say of the workspace as a whole. */
interface Registered extends ReleaseInput {
  /** Versions of the workspace are still missing. */
  readonly isIncomplete: boolean;
  /** Releases of ours that have not ended: a batch tag of theirs is there. One that got lost counts by the others. */
  readonly openReleases: ReadonlySet<string>;
}

function registered(input: ReleaseInput): Registered {
  const ours = input.candidates.filter((each) => !each.private && !each.ignored && each.version !== null);
  const held = ours.filter((each) => isHeld(each, input.published));
  return {
    ...input,
    isIncomplete: ours.some(({ name, version }) => !input.published[name]?.versions[version ?? ""]),
    openReleases: new Set(held.flatMap((each) => markOfMember(each, input)?.release ?? [])),
  };
}

function batchTagsOf(view: PublishedPackage | null | undefined, version: string | null): readonly string[] {
  return Object.entries(view?.distTags ?? {})
    .filter(([tag, at]) => at === version && /^slipway-[0-9a-f]{12}$/.test(tag))
    .map(([tag]) => tag);
}

/** An unfinished batch keeps its id, wherever it is continued; a new one gets it from what it is made of. */
function releaseId(members: readonly ReleaseCandidate[], input: ReleaseInput): string {
  const begun = members
    .map((member) => markOfMember(member, input)?.release)
    .filter((release) => release !== undefined)
    .toSorted();
  const content = members.map(({ name, version }) => `${name}@${version}`).toSorted();
  return (
    begun[0] ??
    digestOf({ commit: input.commit, channel: input.channel, mode: input.mode, content }).slice(0, 12)
  );
}

function markOfMember(member: ReleaseCandidate, input: ReleaseInput): BatchMark | null {
  const version = input.published[member.name]?.versions[member.version ?? ""];
  return version ? markOf(version.manifest) : null;
}

/** Edges inside the batch. Of a cycle the edge that closes it is dropped: somebody has to go first. */
function batchNeeds(members: readonly ReleaseCandidate[]): Map<PackageName, PackageName[]> {
  const names = new Set(members.map(({ name }) => name));
  const graph = new Map<PackageName, PackageName[]>();
  for (const { name, needs } of members) {
    graph.set(name, [...new Set(needs)].filter((need) => need !== name && names.has(need)).toSorted());
  }
  for (let cycle = findCycle(graph); cycle; cycle = findCycle(graph)) {
    const [from, to] = cycle.slice(-2);
    if (from === undefined || to === undefined) break;
    graph.set(from, graph.get(from)?.filter((need) => need !== to) ?? []);
  }
  return graph;
}

function planned(
  member: ReleaseCandidate,
  context: { input: ReleaseInput; batchTag: string | null; needs: readonly PackageName[] },
): PlannedPackage {
  const { input, batchTag } = context;
  const version = member.version ?? "";
  const view = input.published[member.name] ?? null;
  const there = view?.versions[version];
  const mark = there ? markOf(there.manifest) : null;
  const tag = mark?.tag ?? distTagOf(member, input, view);
  const current = view?.distTags[tag] ?? null;
  const first = Object.keys(view?.versions ?? {}).every((each) => each === version);
  const held = batchTagsOf(view, version);
  return {
    name: member.name,
    version,
    commit: mark?.commit ?? input.commit,
    // A tag that somebody moved since the upload is not where this batch found it.
    from: mark ? mark.from || null : first ? null : current,
    dir: member.dir,
    tag,
    batchTags: [...new Set([...(batchTag === null ? [] : [batchTag]), ...held])],
    access: member.access,
    registry: member.registry,
    needs: context.needs,
    integrity: there?.integrity ?? null,
    state: there ? "uploaded" : "missing",
    first,
    provenance: provenanceOf(member, view, there ? nothingSigned : (input.provenance ?? nothingSigned)),
    because: reasons({ version, mark, first }),
  };
}

function reasons(facts: { version: string; mark: BatchMark | null; first: boolean }): ReleaseReason[] {
  if (facts.mark) {
    return [{ kind: "uploaded-by-this-batch", release: facts.mark.release, commit: facts.mark.commit }];
  }
  if (facts.first) return [{ kind: "first-version" }];
  return [{ kind: "not-on-registry", version: facts.version }];
}

function left(candidate: ReleaseCandidate, input: Registered): LeftPackage[] {
  if (stateOf(candidate, input) !== "left") return [];
  const { name, version } = candidate;
  if (candidate.private) return [{ name, version, because: "private" }];
  if (candidate.ignored) return [{ name, version, because: "ignored" }];
  return [{ name, version, because: version === null ? "no-version" : "already-published" }];
}

function wantsBatchTag({ gitTags, gitBatchTag }: ReleaseInput, packages: readonly PlannedPackage[]): boolean {
  return gitTags !== null && gitBatchTag !== false && packages.length > 1;
}

/**
 * The tags of this batch, of private packages that are only tagged, and those that an earlier batch of ours did not
 * get to make: at the commit that their upload names, never at the current one.
 */
function missingGitTags(input: ReleaseInput, packages: readonly PlannedPackage[]): GitTag[] {
  const existing = input.gitTags ?? {};
  const commits = new Map(packages.map(({ name, commit }) => [name, commit]));
  return input.candidates.flatMap((candidate) => {
    const { name, version } = candidate;
    if (version === null || candidate.ignored) return [];
    const commit = candidate.private
      ? candidate.tagOnly
        ? input.commit
        : undefined
      : (commits.get(name) ?? markOfMember(candidate, input)?.commit);
    const tag = gitTagOf({ name, version }, input);
    if (commit === undefined || tag in existing) return [];
    return [{ name: tag, commit, package: name, version }];
  });
}
