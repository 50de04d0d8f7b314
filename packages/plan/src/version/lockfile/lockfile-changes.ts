import type { PackageName, RelativePath } from "@slipway/kernel";
import type { CatalogChange, ManifestChange } from "../types.ts";

/** New versions and ranges of manifests, to be followed by the workspace's own entries of a lockfile. */
export interface LockfileChanges {
  readonly manifests: readonly ManifestChange[];
  readonly catalogs: readonly CatalogChange[];
  readonly dirs: ReadonlyMap<PackageName, RelativePath>;
}

export interface EditedLockfile {
  readonly text: string;
  /** Dependencies that the lockfile takes from a registry, so that only the package manager can resolve them anew. */
  readonly unresolved: readonly string[];
}
