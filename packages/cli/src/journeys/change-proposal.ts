import type { Bump } from "@slipway/plan";
import type { LoadedVersioning } from "../wire/load-versioning.ts";

export interface ChangeFlags {
  /** Names, or `NAME:BUMP`. */
  readonly packages: readonly string[];
  readonly bump: Bump | undefined;
  readonly message: string | undefined;
  readonly empty: boolean;
  readonly open: boolean;
  readonly base: string | undefined;
}

export interface Change {
  readonly releases: readonly { readonly name: string; readonly type: Bump }[];
  readonly summary: string;
}

/** What a person is asked about: what changed, and what the branch's commits say. */
export interface Proposal {
  readonly versioning: LoadedVersioning;
  /** Every package that can be named, the changed ones first. */
  readonly choices: readonly string[];
  readonly changed: readonly string[];
  readonly subjects: readonly string[];
}
