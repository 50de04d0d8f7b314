import { markOfMember } from "./member-mark.ts";
import type { GitTag, PlannedPackage, ReleaseCandidate, ReleaseInput, ReleasePlan } from "./types.ts";

/**
 * The tags of this batch, of private packages that are only tagged, and those that an earlier batch of ours did not
 * get to make: at the commit that their upload names, never at the current one.
 */
export function missingGitTags(input: ReleaseInput, packages: readonly PlannedPackage[]): GitTag[] {
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

export function wantsBatchTag(
  { gitTags, gitBatchTag }: ReleaseInput,
  packages: readonly PlannedPackage[],
): boolean {
  return gitTags !== null && gitBatchTag !== false && packages.length > 1;
}

/**
 * A batch of this commit whose packages all have their git tags, and which was cut off before its own: in the modes that
 * leave no batch tag on the registry, that is all that shows it.
 */
export function untaggedBatch(input: ReleaseInput): string | null {
  const { mode, gitTags, gitBatchTag, commit, candidates } = input;
  if (mode === "tag" || gitTags === null || gitBatchTag === false) return null;
  const counts = new Map<string, number>();
  for (const candidate of candidates) {
    const mark = markOfMember(candidate, input);
    if (mark?.commit === commit) counts.set(mark.release, (counts.get(mark.release) ?? 0) + 1);
  }
  for (const [release, count] of counts)
    if (count > 1 && !(gitBatchTagOf(release) in gitTags)) return release;
  return null;
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

/** Git tags of versions to upload that stand at another commit: whoever made them meant that one, so they stay. */
export function tagsElsewhere(
  plan: ReleasePlan,
  {
    existing,
    singlePackage,
  }: { readonly existing: ReleaseInput["gitTags"]; readonly singlePackage: boolean },
): readonly GitTag[] {
  return plan.packages.flatMap(({ name, version, state }) => {
    const tag = gitTagOf({ name, version }, { singlePackage });
    const commit = existing?.[tag];
    if (state !== "missing" || commit === undefined || commit === plan.commit) return [];
    return [{ name: tag, commit, package: name, version }];
  });
}

export function gitBatchTagOf(id: string): string {
  return `release-${id}`;
}

export function gitTagOf(
  each: Pick<ReleaseCandidate, "name" | "version">,
  input: Pick<ReleaseInput, "singlePackage">,
): string {
  return input.singlePackage ? `v${each.version}` : `${each.name}@${each.version}`;
}
