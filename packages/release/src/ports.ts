import type { Integrity, PackageName, Sha256 } from "@slipway/kernel";

/** A packed package whose bytes no longer change. Both digests are of the same tarball. */
export interface SealedTarball {
  readonly name: PackageName;
  readonly version: string;
  /** sha512 of the .tgz, as npm's `dist.integrity` has it. */
  readonly integrity: Integrity;
  /** sha256 of the uncompressed tar: survives a change of zlib. */
  readonly tarSha256: Sha256;
  readonly sizeBytes: number;
  /** Paths inside the package, sorted. */
  readonly files: readonly string[];
  /** The manifest as packed (rewritten ranges, publishConfig applied). */
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly path: string;
}

/** What a registry says of a package now. */
export interface PackageView {
  readonly name: PackageName;
  readonly distTags: Readonly<Record<string, string>>;
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
  | { readonly outcome: "permanent"; readonly message: string; readonly cause: "auth" | "forbidden" | "invalid" | "orphan" }
  | { readonly outcome: "unknown"; readonly message: string };

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
}

export interface Upload {
  readonly tarball: SealedTarball;
  readonly bytes: Uint8Array;
  readonly tag: string;
  readonly access: "public" | "restricted" | null;
  /** Goes into the version's document, so that a new machine recognises what this batch uploaded. */
  readonly metadata: Readonly<Record<string, string>>;
}
