import { isRecord } from "@slipway/kernel";
import type { Catalogs } from "./types.ts";

const publishedFields = ["dependencies", "optionalDependencies", "peerDependencies"] as const;

/** What a release of a package would tell its users to install beside it, catalogs looked up, by field and name. */
export function publishedRanges(
  manifest: Readonly<Record<string, unknown>>,
  catalogs: Catalogs,
): ReadonlyMap<string, string> {
  const ranges = new Map<string, string>();
  for (const field of publishedFields) {
    const declared = manifest[field];
    for (const [name, range] of Object.entries(isRecord(declared) ? declared : {}))
      if (typeof range === "string") ranges.set(`${field} ${name}`, lookedUp(name, range, catalogs));
  }
  return ranges;
}

function lookedUp(name: string, range: string, catalogs: Catalogs): string {
  if (!range.startsWith("catalog:")) return range;
  return catalogs[range.slice("catalog:".length).trim() || "default"]?.[name] ?? range;
}
