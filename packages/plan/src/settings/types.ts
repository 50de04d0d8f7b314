import type { PackageName } from "@slipway/kernel";
import type { ReleaseChannel } from "../release/decide-promotion.ts";

/** slipway.json as it was written: what is left out is undefined. slipway-schema.ts says what each means. */
export interface SlipwaySettings {
  readonly changesets?: OwnVersionSettings;
  readonly release?: {
    readonly tags?: "together" | "each";
    readonly batchTag?: boolean;
    readonly mode?: "tag" | "stage" | "direct";
    readonly lock?: boolean;
    readonly approval?: "never" | "major" | "always";
    readonly forgeReleases?: "per-package" | "batch" | "none";
    readonly channels?: readonly ReleaseChannel[];
    readonly warnOnly?: readonly string[];
    readonly forgeLatest?: PackageName;
  };
}

export interface OwnVersionSettings {
  readonly generation?: 2 | 3;
  readonly catalogEdges?: boolean;
  readonly aliasEdges?: boolean;
  readonly peers?: Readonly<Record<string, PeerRule>>;
  readonly branches?: Readonly<Record<string, false | BranchSettings>>;
  readonly channels?: Readonly<Record<PackageName, string>>;
  readonly firstRelease?: "bump" | "as-is";
  readonly changelogDates?: false | "below" | "heading";
  readonly generatorSeconds?: number;
  readonly commitTypes?: Readonly<Record<string, "none" | "patch" | "minor" | "major">>;
  readonly unreleasedFiles?: readonly string[];
}

export type PeerRule =
  | "patch"
  | "minor"
  | "major"
  | "match"
  | "out-of-range"
  | { readonly bump?: "patch" | "minor" | "major" | "match"; readonly when?: "minor" | "out-of-range" };

export interface BranchSettings {
  readonly range?: string;
  readonly maxBump?: "patch" | "minor" | "major";
  readonly distTag?: string;
}
