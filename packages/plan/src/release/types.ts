import type { PackageName, RelativePath } from "@slipway/kernel";
import type { BatchMark } from "./batch-mark.ts";

/**
 * How a batch becomes visible. `tag`: uploaded under a batch tag, then all dist-tags move in one pass.
 * `stage`: staged whole, then approved with a second factor, dependencies first.
 * `direct`: uploaded under the final tag, dependencies first; not atomic, for credentials that can only upload.
 */
export type ReleaseMode = "tag" | "stage" | "direct";

/** Why a mode: somebody asked for it, every registry has a token, or one has nothing but the identity of a CI job. */
export type ModeReason = "asked" | "tokens" | "identity-alone";

/** All that a release will do: plain JSON, locked by {@link releasePlanDigest}. */
export interface ReleasePlan {
  readonly schema: 1;
  /** The same for the same commit and batch, also on another machine. */
  readonly id: string;
  readonly commit: string;
  readonly mode: ReleaseMode;
  readonly modeBecause: ModeReason;
  /** Replaces every package's own dist-tag; null: each moves its own. */
  readonly channel: string | null;
  /** The dist-tag that uploads go under until the batch is whole; null where they go under their final one. */
  readonly batchTag: string | null;
  /** Each stands after the packages of this batch that it needs. */
  readonly packages: readonly PlannedPackage[];
  /** What is not in the batch, and why. */
  readonly left: readonly LeftPackage[];
  /** Git tags that the finished batch sets, all at `commit` unless they heal an older batch. */
  readonly gitTags: readonly GitTag[];
  /** `together`: in one atomic push. `each`: one push a tag. */
  readonly gitPush: "together" | "each";
  /** A tag for the whole batch, at `commit`, pushed alone after the others; null: none. */
  readonly gitBatchTag: string | null;
  readonly gates: readonly string[];
}

export interface PlannedPackage {
  readonly name: PackageName;
  readonly version: string;
  /** What it was uploaded from: the plan's commit, or that of the unfinished batch that put it there. */
  readonly commit: string;
  /** What the dist-tag points at now; null for a package that has no such tag yet. */
  readonly from: string | null;
  readonly dir: RelativePath;
  /** The dist-tag that it moves. */
  readonly tag: string;
  /** Dist-tags that hold it until the batch is whole, and then go. */
  readonly batchTags: readonly string[];
  readonly access: "public" | "restricted" | null;
  readonly registry: string;
  /** Packages of this batch that must be there before it. */
  readonly needs: readonly PackageName[];
  /** Null until it is sealed. */
  readonly integrity: string | null;
  /**
   * `uploaded`: this batch put it there before (on this machine or another), and it is taken as served. `staged`: it waits
   * there for approval, and is taken as it waits.
   */
  readonly state: "missing" | "uploaded" | "staged";
  /** True: the registry has no version of it, and will make this one `latest` at upload. */
  readonly first: boolean;
  readonly provenance: PlannedProvenance;
  readonly because: readonly ReleaseReason[];
}

/** A signed statement of where a tarball was built, from which commit, served along with the version. */
export interface PlannedProvenance {
  /** What publishConfig or npm's settings say; null: nothing. */
  readonly configured: boolean | null;
  /** The version that its users have now came with one. */
  readonly had: boolean;
  /** It goes out with one. */
  readonly signed: boolean;
}

/** What decides on provenance. */
export interface ProvenancePolicy {
  /** By the command; null: as the packages are configured. */
  readonly asked: boolean | null;
  /** There is an identity that a statement can be signed with. */
  readonly canSign: boolean;
  /** Whether uploads to a registry are signed without being asked for it. */
  readonly automatic: (registry: string) => boolean;
}

export type ReleaseReason =
  | { readonly kind: "not-on-registry"; readonly version: string }
  | { readonly kind: "first-version" }
  | { readonly kind: "uploaded-by-this-batch"; readonly release: string; readonly commit: string }
  | { readonly kind: "staged-by-this-batch"; readonly release: string; readonly commit: string };

export interface LeftPackage {
  readonly name: PackageName;
  readonly version: string | null;
  readonly because: "private" | "already-published" | "ignored" | "no-version";
}

export interface GitTag {
  readonly name: string;
  readonly commit: string;
  readonly package: PackageName;
  readonly version: string;
}

/** What a plan is made from; the registry and git have been read before. */
export interface ReleaseInput {
  readonly commit: string;
  readonly mode: ReleaseMode;
  /** `asked` when not said. */
  readonly modeBecause?: ModeReason;
  readonly channel: string | null;
  /** The tag of changesets' pre mode; null outside of it. */
  readonly preTag: string | null;
  /** Every package of the workspace. */
  readonly candidates: readonly ReleaseCandidate[];
  /** What their registries say of them now; null for a package that is not there. */
  readonly published: PublishedPackages;
  /** What a release of ours staged, and still waits for approval; nothing when not said. */
  readonly staged?: StagedPackages;
  /** Existing release tags with their commits, on the remote when there is one; null: tags are no concern. */
  readonly gitTags: Readonly<Record<string, string>> | null;
  readonly gitPush?: "together" | "each";
  /** False: no tag for the whole batch. */
  readonly gitBatchTag?: boolean;
  /** The repository is one package: its tags are `v1.2.3`. */
  readonly singlePackage: boolean;
  /** Nothing is signed when not said. */
  readonly provenance?: ProvenancePolicy;
  readonly gates: readonly string[];
}

export interface ReleaseCandidate {
  readonly name: PackageName;
  readonly version: string | null;
  readonly dir: RelativePath;
  readonly private: boolean;
  /** A private package whose versions are tagged in git all the same (changesets `privatePackages.tag`). */
  readonly tagOnly: boolean;
  readonly ignored: boolean;
  readonly access: "public" | "restricted" | null;
  readonly registry: string;
  /** publishConfig.tag */
  readonly publishTag: string | null;
  /** publishConfig.provenance, or npm's setting; null: nothing is said. */
  readonly provenance?: boolean | null;
  /** Packages of the workspace that its users install with it. */
  readonly needs: readonly PackageName[];
}

export type PublishedPackages = Readonly<Record<PackageName, PublishedPackage | null>>;

export type StagedPackages = Readonly<Record<PackageName, StagedPackage>>;

/** A version that waits for approval and is known to be ours: by its digest, which the release wrote down elsewhere. */
export interface StagedPackage {
  readonly version: string;
  readonly integrity: string;
  readonly mark: BatchMark;
}

export interface PublishedPackage {
  readonly distTags: Readonly<Record<string, string>>;
  /** When each version was uploaded, as the registry wrote it down. */
  readonly publishedAt?: Readonly<Record<string, string>>;
  readonly versions: Readonly<
    Record<
      string,
      { readonly integrity: string | null; readonly manifest: Readonly<Record<string, unknown>> }
    >
  >;
}
