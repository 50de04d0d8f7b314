import type { RelativePath } from "@slipway/kernel";
import type { FileEdit } from "../version/types.ts";

/** What the workflows of a repository are made from. */
export interface CiFacts {
  readonly manager: {
    readonly name: "pnpm" | "npm" | "yarn" | "bun";
    /** As the root's manifest pins it; null: not pinned. */
    readonly version: string | null;
    readonly berry: boolean;
  };
  readonly baseBranch: string;
  /** The version of Slipway that the jobs run. */
  readonly slipway: string;
  /** The forge's files as they are, by path. */
  readonly files: ReadonlyMap<RelativePath, string>;
}

export interface CiPlan {
  readonly edits: readonly FileEdit[];
  /** In words: what was done, kept, or left to a person. */
  readonly notes: readonly string[];
}
