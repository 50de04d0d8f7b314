import { isRecord } from "@slipway/kernel";
import type { Finding, Gate } from "../types.ts";

const kinds = ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"] as const;

/** Ranges that mean something only inside the repository must be gone from what users get. */
export const noWorkspaceRanges: Gate = {
  name: "no-workspace-ranges",
  consumes: false,
  check: ({ manifest }) => {
    const faults: Finding[] = [];
    const remarks: Finding[] = [];
    for (const kind of kinds) {
      const ranges = manifest[kind];
      for (const [dependency, range] of Object.entries(isRecord(ranges) ? ranges : {})) {
        const protocol = /^(workspace|catalog|link|file|portal|patch):/.exec(String(range))?.[1];
        if (!protocol) continue;
        const finding = { code: "local-range", args: { kind, dependency, range: String(range) } };
        // Users never install devDependencies, so a path there harms nobody; an unresolved range shows a packer's fault.
        const isHarmless = kind === "devDependencies" && protocol !== "workspace" && protocol !== "catalog";
        (isHarmless ? remarks : faults).push(finding);
      }
    }
    return Promise.resolve({ faults, remarks });
  },
};
