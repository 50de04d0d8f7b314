import { digestOf, findCycle, waves, type Integrity, type PackageName, type Sha256 } from "@slipway/kernel";
import { markOf, type BatchMark } from "./batch-mark.ts";
import type { ChosenMode } from "./choose-mode.ts";
import { distTagOf } from "./dist-tag.ts";
import { markOfMember, stagedOf } from "./member-mark.ts";
import { gitBatchTagOf, gitTagOf, missingGitTags, untaggedBatch, wantsBatchTag } from "./plan-git-tags.ts";
import { nothingSigned, provenanceOf } from "./provenance.ts";
import type {
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
  const members = input.candidates.filter((each) => isMember(each, input));
  const cutOff = members.length === 0 ? untaggedBatch(input) : null;
  const id = cutOff ?? releaseId(members, input);
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
    gitBatchTag: cutOff !== null || wantsBatchTag(input, packages) ? gitBatchTagOf(id) : null,
    gates: input.gates,
  };
}

export function isNothingToDo({ packages, gitTags, gitBatchTag }: ReleasePlan): boolean {
  return packages.length === 0 && gitTags.length === 0 && gitBatchTag === null;
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
    if (each.state !== "missing") return each;
    return { ...each, tag: channel, from: published[each.name]?.distTags[channel] ?? null };
  });
  return { ...plan, channel, packages };
}

/** What approvals are bound to and journals are checked against. */
export function releasePlanDigest(plan: ReleasePlan): Sha256 {
  return digestOf(plan);
}

/** It is missing on its registry, or a release of ours that has not ended put it there. */
function isMember(candidate: ReleaseCandidate, input: Registered): boolean {
  if (candidate.private || candidate.ignored || candidate.version === null) return false;
  const version = input.published[candidate.name]?.versions[candidate.version];
  if (!version) return true;
  const mark = markOf(version.manifest);
  if (!mark) return false;
  return (
    isUnfinishedHere(mark, input) || input.openReleases.has(mark.release) || isUntagged(candidate, input)
  );
}

/** Without a batch tag, the git tag is the last sign of a release that has ended. */
function isUntagged({ name, version }: ReleaseCandidate, input: ReleaseInput): boolean {
  if (input.mode === "tag" || input.gitTags === null) return false;
  return !(gitTagOf({ name, version }, input) in input.gitTags);
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
  const waiting = there ? null : stagedOf(member, input);
  const mark = markOfMember(member, input);
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
    integrity: there?.integrity ?? waiting?.integrity ?? null,
    state: there ? "uploaded" : waiting ? "staged" : "missing",
    first,
    provenance: provenanceOf(
      member,
      view,
      there || waiting ? nothingSigned : (input.provenance ?? nothingSigned),
    ),
    because: reasons({ version, mark, first, isStaged: waiting !== null }),
  };
}

function reasons(facts: {
  version: string;
  mark: BatchMark | null;
  first: boolean;
  isStaged: boolean;
}): ReleaseReason[] {
  if (facts.mark) {
    const kind = facts.isStaged ? "staged-by-this-batch" : "uploaded-by-this-batch";
    return [{ kind, release: facts.mark.release, commit: facts.mark.commit }];
  }
  if (facts.first) return [{ kind: "first-version" }];
  return [{ kind: "not-on-registry", version: facts.version }];
}

function left(candidate: ReleaseCandidate, input: Registered): LeftPackage[] {
  if (isMember(candidate, input)) return [];
  const { name, version } = candidate;
  if (candidate.private) return [{ name, version, because: "private" }];
  if (candidate.ignored) return [{ name, version, because: "ignored" }];
  return [{ name, version, because: version === null ? "no-version" : "already-published" }];
}
