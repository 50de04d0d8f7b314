import { major } from "semver";
import type { ReleasePlan } from "./types.ts";

/** Which releases somebody has to approve of by the digest of their plan. */
export type ApprovalPolicy = "never" | "major" | "always";

/** Why a plan waits for somebody's approval, in words; null: it does not. */
export function approvalBecause(plan: ReleasePlan, policy: ApprovalPolicy): string | null {
  if (policy === "never") return null;
  if (policy === "always") return "every release of this repository needs it";
  const breaking = plan.packages.filter(({ from, version }) => from === null || major(version) > major(from));
  if (breaking.length === 0) return null;
  const names = breaking.map(({ name, version }) => `${name}@${version}`).join(", ");
  return `new major versions and first ones need it: ${names}`;
}
