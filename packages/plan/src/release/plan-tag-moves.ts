import type { PackageName } from "@slipway/kernel";
import type { PublishedPackage, PublishedPackages } from "./types.ts";

/** Dist-tags to be set or taken away, and versions to be deprecated: what `promote`, `rollback` and `release abort` do. Plain JSON. */
export interface TagPlan {
  readonly schema: 1;
  readonly action: "promote" | "rollback" | "abort";
  readonly release: string;
  /** In the order in which they are done. */
  readonly moves: readonly TagMove[];
  readonly deprecations: readonly Deprecation[];
  /** What is left as it is, and why. */
  readonly left: readonly LeftTag[];
}

export interface TagMove {
  readonly package: PackageName;
  readonly registry: string;
  readonly tag: string;
  /** Where it points now; null when it is not there. */
  readonly from: string | null;
  /** Null: the tag is taken away. */
  readonly to: string | null;
}

export interface Deprecation {
  readonly package: PackageName;
  readonly registry: string;
  readonly version: string;
  readonly message: string;
}

export interface LeftTag {
  readonly package: PackageName;
  readonly tag: string;
  readonly because: "already-there" | "moved-since" | "first-version" | "not-published" | "origin-unknown";
}

/** A package as its release left it. */
export interface ReleasedPackage {
  readonly name: PackageName;
  readonly version: string;
  readonly registry: string;
  /** The dist-tag that the release moved, and where it pointed before; null: nowhere. */
  readonly tag: string;
  readonly before: string | null;
}

export interface TagSources {
  readonly release: string;
  /** Dependencies first. */
  readonly packages: readonly ReleasedPackage[];
  readonly published: PublishedPackages;
  /** The dist-tags that promotions set on it since, oldest first, as far as they are remembered here; a rollback without them is of the release's own tag alone. */
  readonly promoted?: readonly TagMove[];
}

/** One more dist-tag on everything that a release published, dependencies first. */
export function planPromotion(sources: TagSources, tag: string): TagPlan {
  const moves: TagMove[] = [];
  const left: LeftTag[] = [];
  for (const { name, version, registry } of sources.packages) {
    const view = sources.published[name];
    const from = view?.distTags[tag] ?? null;
    if (!view?.versions[version]) left.push({ package: name, tag, because: "not-published" });
    else if (from === version) left.push({ package: name, tag, because: "already-there" });
    else moves.push({ package: name, registry, tag, from, to: version });
  }
  return { schema: 1, action: "promote", release: sources.release, moves, deprecations: [], left };
}

/**
 * The dist-tags back to where they were before the release, those that promotions moved included, dependents first, and
 * its versions deprecated. Nothing is ever unpublished. A tag that somebody moved since is left; so is `latest` of a
 * first version, which no registry lets go, and a tag of which nobody here knows where it stood.
 */
export function planRollback(sources: TagSources, message: string): TagPlan {
  const moves: TagMove[] = [];
  const left: LeftTag[] = [];
  const deprecations: Deprecation[] = [];
  for (const each of sources.packages.toReversed()) {
    const { name, version, registry } = each;
    const view = sources.published[name];
    const document = view?.versions[version];
    if (!view || !document) {
      left.push({ package: name, tag: each.tag, because: "not-published" });
      continue;
    }
    if (document.manifest["deprecated"] !== message)
      deprecations.push({ package: name, registry, version, message });
    for (const [tag, before] of tagsBefore(each, view, sources.promoted)) {
      const now = view.distTags[tag] ?? null;
      const because = leftBecause({ ...each, tag, before }, { now, isOnly: isOnlyVersion(view) });
      if (because === null) moves.push({ package: name, registry, tag, from: now, to: before ?? null });
      else left.push({ package: name, tag, because });
    }
  }
  return { schema: 1, action: "rollback", release: sources.release, moves, deprecations, left };
}

/** Each dist-tag that the version has or had, with where it pointed before; undefined: nobody here knows. */
function tagsBefore(
  { name, version, tag: own, before }: ReleasedPackage,
  view: PublishedPackage,
  promoted: readonly TagMove[] | undefined,
): ReadonlyMap<string, string | null | undefined> {
  const known = (promoted ?? []).filter((move) => move.package === name && move.to === version);
  const others = Object.keys(view.distTags).filter((tag) => {
    return view.distTags[tag] === version && !/^slipway-[0-9a-f]{12}$/.test(tag);
  });
  return new Map([
    ...(promoted ? others : []).map((tag) => [tag, undefined] as const),
    ...known.map(({ tag, from }) => [tag, from] as const),
    [own, before],
  ]);
}

function leftBecause(
  {
    tag,
    version,
    before,
  }: Pick<ReleasedPackage, "tag" | "version"> & { readonly before: string | null | undefined },
  { now, isOnly }: { readonly now: string | null; readonly isOnly: boolean },
): LeftTag["because"] | null {
  if (now === before) return "already-there";
  if (now !== version) return "moved-since";
  if (tag === "latest" && (before === null || isOnly)) return "first-version";
  return before === undefined ? "origin-unknown" : null;
}

function isOnlyVersion({ versions }: PublishedPackage): boolean {
  return Object.keys(versions).length === 1;
}
