import type { PackageName } from "@slipway/kernel";
import { prerelease } from "semver";
import type { GitTag, ReleasePlan } from "./types.ts";

/** `per-package`: one for every git tag. `batch`: one for all of them. */
export type ForgeReleasePolicy = "per-package" | "batch" | "none";

/** A git tag of a release, with the dist-tag that its package moved; null for what is only tagged. */
export interface TaggedPackage extends GitTag {
  readonly distTag: string | null;
}

export interface ForgeReleaseSources {
  /** Dependencies first. */
  readonly tags: readonly TaggedPackage[];
  /** The whole batch's own tag; null: none. */
  readonly batchTag: string | null;
  /** The commit that is released; tags elsewhere heal an earlier batch. */
  readonly commit: string;
}

export interface ForgeReleasePolicies {
  readonly forgeReleases: ForgeReleasePolicy;
  /** The package whose release is marked as the latest; null: the one that no other of the batch needs. */
  readonly forgeLatest: PackageName | null;
}

/** A release as GitHub and GitLab have it: a page about a git tag. */
export interface PlannedForgeRelease {
  readonly tag: string;
  readonly commit: string;
  readonly title: string;
  /** The versions that it tells of; more than one get headings. */
  readonly packages: readonly Pick<GitTag, "package" | "version" | "commit">[];
  readonly prerelease: boolean;
  /** At most one of all is. */
  readonly latest: boolean;
}

/** The releases that a forge should show for what was tagged; the latest comes last, since GitLab goes by that. */
export function planForgeReleases(
  { tags, batchTag, commit }: ForgeReleaseSources,
  { forgeReleases, forgeLatest }: ForgeReleasePolicies,
): readonly PlannedForgeRelease[] {
  if (forgeReleases === "none") return [];
  const own = tags.filter((each) => each.commit === commit);
  const users = own.filter(({ distTag, version }) => distTag === "latest" && !isPrerelease(version));
  const latest = users.findLast((each) => forgeLatest === null || each.package === forgeLatest);
  if (forgeReleases === "batch") {
    const first = latest ?? own.at(-1);
    return first ? [forBatch(own, { first, batchTag, latest: latest !== undefined })] : [];
  }
  const rest = tags.filter((each) => each !== latest).map((each) => forPackage(each, false));
  return latest ? [...rest, forPackage(latest, true)] : rest;
}

/** @param plan of a release whose git tags are there */
export function taggedBy(plan: ReleasePlan): ForgeReleaseSources {
  const order = new Map(plan.packages.map(({ name }, at) => [name, at]));
  const place = ({ package: name }: GitTag): number => order.get(name) ?? -1;
  const tags = plan.gitTags
    .toSorted((a, b) => place(a) - place(b))
    .map((tag) => ({ ...tag, distTag: plan.packages.find(({ name }) => name === tag.package)?.tag ?? null }));
  return { tags, batchTag: plan.gitBatchTag, commit: plan.commit };
}

/**
 * The text of a release.
 *
 * @param told what the changelog of each says, in the order of its packages; null where it says nothing
 * @param charactersMax what the forge takes
 */
export function forgeReleaseNotes(
  { packages }: PlannedForgeRelease,
  told: readonly (string | null)[],
  charactersMax: number,
): string {
  const texts = packages.map(({ package: name, version }, at) => {
    const text = told[at] ?? "";
    return packages.length === 1 ? text : `## ${name}@${version}\n\n${text}`.trim();
  });
  const whole = texts.join("\n\n");
  const end = "\n\n… the changelogs have the rest.";
  return whole.length <= charactersMax ? whole : `${whole.slice(0, charactersMax - end.length)}${end}`;
}

function forPackage(tag: TaggedPackage, latest: boolean): PlannedForgeRelease {
  const { name, commit, package: packageName, version } = tag;
  const packages = [{ package: packageName, version, commit }];
  return { tag: name, commit, title: name, packages, prerelease: isPrerelease(version), latest };
}

function forBatch(
  own: readonly TaggedPackage[],
  {
    first,
    batchTag,
    latest,
  }: { readonly first: TaggedPackage; readonly batchTag: string | null; readonly latest: boolean },
): PlannedForgeRelease {
  const more = own.length - 1;
  return {
    tag: batchTag ?? first.name,
    commit: first.commit,
    title: more === 0 ? first.name : `${first.name} and ${more} more`,
    packages: [first, ...own.filter((each) => each !== first).toReversed()].map(
      ({ package: name, version, commit }) => ({ package: name, version, commit }),
    ),
    prerelease: own.every(({ version }) => isPrerelease(version)),
    latest,
  };
}

function isPrerelease(version: string): boolean {
  return prerelease(version) !== null;
}
