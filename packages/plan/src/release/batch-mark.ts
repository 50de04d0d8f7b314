import { isRecord } from "@slipway/kernel";

/** What a version's document carries, so that another machine knows whose it is. */
export interface BatchMark {
  readonly release: string;
  readonly commit: string;
  /** Digest of the plan. */
  readonly plan: string;
  /** The dist-tag that the batch moves, and what it pointed at before (empty: nothing). */
  readonly tag: string;
  readonly from: string;
}

/** The mark in a version's document (field `slipway`); null when this program did not upload it. */
export function markOf(manifest: Readonly<Record<string, unknown>>): BatchMark | null {
  const mark = manifest["slipway"];
  if (!isRecord(mark)) return null;
  const { release, commit, plan, tag, from } = mark;
  if (typeof release !== "string" || !/^[0-9a-f]{12}$/.test(release)) return null;
  if (typeof commit !== "string" || typeof plan !== "string") return null;
  if (typeof tag !== "string" || typeof from !== "string") return null;
  return { release, commit, plan, tag, from };
}
