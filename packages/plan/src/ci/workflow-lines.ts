import { uses } from "./pinned-actions.ts";
import type { CiFacts } from "./types.ts";

/** A whole workflow of ours. */
export function workflowText(lines: readonly string[]): string {
  const mark =
    "# Written by `slipway ci github`. Edit it: the next time, only the version of Slipway changes.";
  return `${[mark, ...lines].join("\n")}\n`;
}

export function checkout(): string[] {
  return [`- ${uses("actions/checkout")}`, "  with:", "    fetch-depth: 0", "    persist-credentials: false"];
}

/** No cache: what another branch left in one must not come into a release. */
export function node(): string[] {
  return [
    `- ${uses("actions/setup-node")}`,
    "  with:",
    "    node-version: 24",
    "    package-manager-cache: false",
  ];
}

export function slipway({ slipway: version }: CiFacts): string {
  return `npx --yes slipway@${version}`;
}

export function indented(lines: readonly string[], columns = 2): string[] {
  return lines.map((line) => (line === "" ? "" : `${" ".repeat(columns)}${line}`));
}
