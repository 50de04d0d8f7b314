import type { PackageName } from "@slipway/kernel";
import picomatch from "picomatch";
import type { Bump, VersionInput } from "../types.ts";

export interface ReadPeerRule {
  readonly bump: "patch" | "minor" | "major" | "match";
  readonly when: "minor" | "out-of-range";
}

/** The rule of slipway.json for a peer dependency; null: the generation's own holds. */
export function peerRuleFor(peer: PackageName, input: VersionInput): ReadPeerRule | null {
  for (const [pattern, rule] of Object.entries(input.rules?.peers ?? {})) {
    if (pattern !== peer && !picomatch.isMatch(peer, pattern)) continue;
    const usual = input.generation === 2 ? ("major" as const) : ("patch" as const);
    if (rule === "out-of-range") return { bump: usual, when: "out-of-range" };
    if (typeof rule === "string") return { bump: rule, when: "minor" };
    return { bump: rule.bump ?? usual, when: rule.when ?? "minor" };
  }
  return null;
}

/** What a rule gives the dependent of a peer that is released; null: nothing. */
export function bumpByRule(
  rule: ReadPeerRule,
  peer: { readonly type: Bump; readonly leavesRange: boolean },
): Exclude<Bump, "none"> | null {
  if (peer.type === "none") return null;
  const large = peer.type !== "patch" && rule.when === "minor";
  if (!large && !peer.leavesRange) return null;
  return rule.bump === "match" ? peer.type : rule.bump;
}
