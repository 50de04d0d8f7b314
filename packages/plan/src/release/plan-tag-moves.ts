import type { PackageName } from "@slipway/kernel";
import type { PublishedPackages } from "./types.ts";

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
  readonly because: "already-there" | "moved-since" | "first-version" | "not-published";
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
 * The dist-tags back to where they were before the release, dependents first, and its versions deprecated. Nothing is
 * ever unpublished. A tag that somebody moved since is left; so is `latest` of a first version, which no registry lets
 * go.
 */
export function planRollback(sources: TagSources, message: string): TagPlan {
  const moves: TagMove[] = [];
  const left: LeftTag[] = [];
  const deprecations: Deprecation[] = [];
  for (const { name, version, registry, tag, before } of sources.packages.toReversed()) {
    const view = sources.published[name];
    const document = view?.versions[version];
    if (!view || !document) {
      left.push({ package: name, tag, because: "not-published" });
      continue;
    }
    if (document.manifest["deprecated"] !== message)
      deprecations.push({ package: name, registry, version, message });
    const now = view.distTags[tag] ?? null;
    if (now === before) left.push({ package: name, tag, because: "already-there" });
    else if (now !== version) left.push({ package: name, tag, because: "moved-since" });
    else if (before === null && tag === "latest") left.push({ package: name, tag, because: "first-version" });
    else moves.push({ package: name, registry, tag, from: now, to: before });
  }
  return { schema: 1, action: "rollback", release: sources.release, moves, deprecations, left };
}
