import type { Checked } from "@slipway/kernel";
import { readSlipwaySettings } from "../settings/read-slipway-settings.ts";
import type { ApprovalPolicy } from "./approval.ts";
import type { ReleaseChannel } from "./decide-promotion.ts";
import type { ForgeReleasePolicies } from "./plan-forge-releases.ts";
import type { ReleaseMode } from "./types.ts";

/** `release` in slipway.json; all of it may be left out. */
export interface ReleaseSettings extends ForgeReleasePolicies {
  /** `together`: all git tags in one atomic push. `each`: one push a tag, for workflows that start on a tag's push. */
  readonly tags: "together" | "each";
  /** One more tag for the whole batch, pushed alone after the others: forges drop the events of more than three tags. */
  readonly batchTag: boolean;
  /** How a batch becomes visible; null: as the credentials allow. */
  readonly mode: ReleaseMode | null;
  /** A ref on `origin` keeps other machines from releasing at the same time. */
  readonly lock: boolean;
  /** Which releases wait until somebody approves of their plan. */
  readonly approval: ApprovalPolicy;
  /** What a release passes through, first to last; empty: nothing. */
  readonly channels: readonly ReleaseChannel[];
  /** Gates whose faults are told and stop nothing. */
  readonly warnOnly: readonly string[];
}

export const defaultReleaseSettings: ReleaseSettings = {
  tags: "together",
  batchTag: true,
  mode: null,
  lock: true,
  approval: "never",
  channels: [],
  warnOnly: [],
  forgeReleases: "per-package",
  forgeLatest: null,
};

/** @param text of slipway.json; null when there is none */
export function readReleaseSettings(text: string | null): Checked<ReleaseSettings> {
  const read = readSlipwaySettings(text);
  if (!read.ok) return read;
  return { ok: true, value: { ...defaultReleaseSettings, ...read.value.release }, warnings: [] };
}
