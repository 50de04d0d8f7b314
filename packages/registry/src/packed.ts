import type { Integrity, PackageName, Sha256 } from "@slipway/kernel";

/** A packed package whose bytes no longer change. */
export interface PackedTarball {
  readonly name: PackageName;
  readonly version: string;
  /** sha512 of the .tgz. */
  readonly integrity: Integrity;
  /** sha256 of the uncompressed tar. */
  readonly tarSha256: Sha256;
  readonly sizeBytes: number;
  /** Paths inside the package, sorted. */
  readonly files: readonly string[];
  /** The manifest as packed. */
  readonly manifest: Readonly<Record<string, unknown>>;
  /** Where the .tgz lies. */
  readonly path: string;
}

/**
 * `pnpm`: packing scripts and pnpm's own fields go, and a LICENSE of the root is taken.
 * `npm`: the manifest stays as it is written, byte for byte when publishConfig and ranges leave nothing to rewrite.
 */
export type PackStyle = "pnpm" | "npm";

export interface PackRequest {
  /** The package's directory, built and ready: lifecycle scripts are not run. */
  readonly dir: string;
  /** Taken instead of the package.json on disk. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly ranges: WorkspaceRanges;
  /** `pnpm` when not said. */
  readonly style?: PackStyle;
  /** In pnpm's style, where a LICENSE is taken from when the package has none; null takes none. */
  readonly workspaceRoot: string | null;
  /** Paths inside the package that are executable beside its bins: those that git has as mode 755. */
  readonly executables?: readonly string[];
  /** The folder that the .tgz is written to. */
  readonly to: string;
}

/** What `workspace:` and `catalog:` ranges stand for. */
export interface WorkspaceRanges {
  /** The version of each package of the workspace. */
  readonly versions: Readonly<Record<PackageName, string>>;
  /** Catalogue name (`default` for `catalog:`), then package, then range. */
  readonly catalogs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Names of workspace packages by their absolute directory, for `workspace:../dir`. */
  readonly names?: Readonly<Record<string, PackageName>>;
}
