import type { LeftPackage } from "@slipway/plan";

const namedMax = 5;

/** What keeps every package of a workspace from being released; null where some are on their registry already. */
export function keptBackText(left: readonly LeftPackage[]): string | null {
  if (left.some(({ because }) => because === "already-published")) return null;
  if (left.length === 0) return "there is no package here";
  const named = left.slice(0, namedMax).map(({ name, because }) => `${name} (${reasons[because]})`);
  const more = left.length > namedMax ? ` and ${left.length - namedMax} more` : "";
  return `no package here is one to publish: ${named.join(", ")}${more}`;
}

const reasons: Readonly<Record<LeftPackage["because"], string>> = {
  private: "private",
  "already-published": "published",
  ignored: "ignored by .changeset/config.json",
  "no-version": "without a version",
};
