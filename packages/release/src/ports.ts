import type { SealedTarball } from "@slipway/gates";
import type { Integrity, PackageName } from "@slipway/kernel";
import type { GitTag } from "@slipway/plan";

export type { SealedTarball };

/** What a registry says of a package now. */
export interface PackageView {
  readonly name: PackageName;
  readonly distTags: Readonly<Record<string, string>>;
  /** When each version was uploaded, as the registry wrote it down. */
  readonly publishedAt?: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, VersionView>>;
}

export interface VersionView {
  readonly version: string;
  readonly integrity: string | null;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** How an attempt to change something outside ended. `unknown` is neither success nor failure before a look. */
export type Answer =
  | { readonly outcome: "accepted" }
  | { readonly outcome: "conflict"; readonly message: string }
  | { readonly outcome: "retryable"; readonly message: string; readonly retryAfterMs: number | null }
  | {
      readonly outcome: "permanent";
      readonly message: string;
      readonly cause: "auth" | "forbidden" | "invalid" | "orphan";
      /** What the user can do. */
      readonly hint?: string;
    }
  | { readonly outcome: "unknown"; readonly message: string; readonly retryAfterMs?: number | null };

/** One registry, seen from a release. Reading throws UserError `registry/unreachable`; changing answers. */
export interface RegistryPort {
  readonly url: string;
  /** The packument as served now, past any cache; null when the package is not there. */
  view(name: PackageName): Promise<PackageView | null>;
  upload(upload: Upload): Promise<Answer>;
  /** A fresh download of the tarball; null when it is not there. */
  download(name: PackageName, version: string): Promise<Uint8Array | null>;
  setTag(name: PackageName, tag: string, version: string): Promise<Answer>;
  removeTag(name: PackageName, tag: string): Promise<Answer>;
  deprecate(name: PackageName, version: string, message: string): Promise<Answer>;
  /** Where versions wait for approval; missing: a batch of mode `stage` cannot go there. */
  readonly staging?: StagingPort;
}

/** Versions that have their number and that nobody can install before somebody approves. */
export interface StagingPort {
  stage(upload: Upload): Promise<Answer>;
  list(name: PackageName): Promise<readonly StagedVersion[]>;
  download(staged: StagedVersion): Promise<Uint8Array | null>;
  approve(staged: StagedVersion): Promise<Answer>;
  reject(staged: StagedVersion): Promise<Answer>;
}

export interface StagedVersion {
  readonly id: string;
  readonly name: PackageName;
  readonly version: string;
  /** The dist-tag that it gets when it is approved. */
  readonly tag: string | null;
  /** Null: the registry does not tell. */
  readonly integrity: string | null;
}

export interface Upload {
  readonly tarball: SealedTarball;
  readonly bytes: Uint8Array;
  readonly tag: string;
  readonly access: "public" | "restricted" | null;
  /** Stored in the version's document as the field `slipway`, so that a new machine recognises what this batch uploaded. */
  readonly metadata: Readonly<Record<string, string>>;
  /** A signed bundle, as JSON text. */
  readonly provenance?: string;
}

/** Where records are kept. An append has returned only when the disk has it. */
export interface JournalPort {
  /** What errors call it: its path. */
  readonly name: string;
  read(): Promise<string>;
  append(text: string): Promise<void>;
  /** Cuts a torn last line; `sound` is the text that stays. */
  cut(sound: string): Promise<void>;
}

export interface Clock {
  nowMs(): number;
  sleep(durationMs: number): Promise<void>;
}

/** Tags of the repository that is released. Everything runs with hooks off and without the registry's credentials. */
export interface GitPort {
  /** The commit that each of these tags points at on the remote (or here, when there is no remote); absent ones are left out. */
  tags(names: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** Makes and pushes the tags, all or none. */
  push(tags: readonly Pick<GitTag, "name" | "commit">[]): Promise<Answer>;
}

/** What a release needs of the world. */
export interface ReleasePorts {
  registry(url: string): RegistryPort;
  /** The sealed bytes of a package of the batch. */
  read(tarball: SealedTarball): Promise<Uint8Array>;
  readonly journal: JournalPort;
  /** Null: no tags are made (a rehearsal). */
  readonly git: GitPort | null;
  /** Signs where a tarball comes from; needed for packages that are planned with a provenance. Throws UserError. */
  readonly sign?: (tarball: SealedTarball) => Promise<string>;
  /** True: somebody is there who can approve staged versions. */
  readonly mayApprove?: boolean;
  readonly clock: Clock;
  /** In [0, 1): jitter of the waiting times. */
  random(): number;
  integrityOf(bytes: Uint8Array): Integrity;
  onEvent(event: ReleaseEvent): void;
  /** True once the user asked to stop: what runs is ended in order, nothing new starts. */
  stopped(): boolean;
}

export type Outcome = "done" | "already-ours" | "conflict" | "retryable" | "permanent" | "unknown";

export type ReleaseEvent =
  | {
      readonly type: "release-started";
      readonly release: string;
      readonly packages: number;
      readonly resumed: boolean;
    }
  | {
      readonly type: "uploaded";
      readonly package: PackageName;
      readonly version: string;
      readonly outcome: "done" | "already-ours";
      readonly durationMs: number;
      /** It waits for approval. */
      readonly staged?: true;
    }
  | {
      readonly type: "failed";
      readonly package: PackageName;
      readonly version: string;
      readonly step: string;
      readonly outcome: "conflict" | "retryable" | "permanent" | "unknown";
      readonly message: string;
    }
  | {
      readonly type: "parked";
      readonly package: PackageName;
      readonly version: string;
      readonly waitsFor: PackageName;
    }
  | {
      readonly type: "waiting";
      readonly because: "rate-limit" | "not-visible" | "retry";
      readonly durationMs: number;
      readonly message: string;
      /** For what registries do not show yet: so many packages, in what is left of the batch's one budget. */
      readonly packages?: number;
      readonly leftMs?: number;
    }
  | {
      readonly type: "confirmed";
      readonly package: PackageName;
      readonly version: string;
      readonly integrity: Integrity;
    }
  | {
      readonly type: "promoted";
      readonly package: PackageName;
      readonly version: string;
      readonly tag: string;
      readonly from: string | null;
      readonly outcome: "done" | "already-ours";
    }
  | {
      readonly type: "git-tagged";
      readonly tag: string;
      readonly package: PackageName;
      readonly version: string;
      readonly commit: string;
      /** It belongs to an earlier batch that did not get to make it. */
      readonly healed: boolean;
      /** It was there before this release. */
      readonly already: boolean;
    }
  | {
      /** They wait for somebody's approval. */
      readonly type: "staged";
      readonly packages: readonly { readonly name: PackageName; readonly version: string }[];
    }
  | { readonly type: "release-ended"; readonly release: string; readonly state: ReleaseEnd };

/**
 * `finished`: all of it is done. `staged`: all of it waits for approval. `unfinished`: running it again may end it.
 * `conflict`: foreign bytes stand in its way.
 */
export type ReleaseEnd = "finished" | "staged" | "unfinished" | "conflict";

export interface ReleaseResult {
  readonly state: ReleaseEnd;
  /** Empty unless finished: before that nobody sees them. */
  readonly released: readonly {
    readonly name: PackageName;
    readonly version: string;
    readonly integrity: Integrity;
  }[];
  readonly parked: readonly {
    readonly name: PackageName;
    readonly version: string;
    readonly because: string;
    readonly waitsFor: PackageName | null;
  }[];
  readonly conflicts: readonly {
    readonly name: PackageName;
    readonly version: string;
    readonly sealed: string | null;
    readonly served: string | null;
    readonly message: string;
    /** True: this very release was carried out elsewhere with another build, and what is there can be adopted. */
    readonly twin: boolean;
  }[];
  /** What failed otherwise; the empty name stands for git tags. */
  readonly failures: readonly {
    readonly name: PackageName;
    readonly outcome: "retryable" | "permanent" | "unknown" | "conflict";
    readonly message: string;
    readonly hint?: string;
    /** True: the registry refused the credentials. */
    readonly refused?: boolean;
  }[];
  /** What is on the registry by now, visible or not. */
  readonly published: readonly PackageName[];
}
