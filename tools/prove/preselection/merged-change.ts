import type { VersionedPackage } from "../../../packages/plan/src/index.ts";

/** A merged pull request, as facts without texts: what it changed, and which packages its author's changesets name. */
export interface MergedChange {
  readonly repository: string;
  readonly commit: string;
  readonly named: readonly string[];
  readonly generation: 2 | 3;
  /** `.changeset/config.json` at that commit. */
  readonly config: string | null;
  readonly packages: readonly VersionedPackage[];
  readonly files: readonly {
    readonly path: string;
    readonly manifestBefore?: Readonly<Record<string, unknown>> | null;
  }[];
}
