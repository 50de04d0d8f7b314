import { packageFiles, rootFiles } from "@slipway/workspace";
import type { Dirent } from "node:fs";

/** A directory that was looked into for a workspace's files. */
export interface LookedDirectory {
  /** Relative to the root. */
  readonly dir: string;
  /** Its subdirectories counted, not only files. */
  readonly expanded: boolean;
  readonly names: string;
}

/** Names in a directory that have a part in what the workspace is, as one text. */
export function namesThatCount(entries: readonly Dirent[], expanded: boolean): string {
  const counting = entries.filter((entry) => {
    if (entry.isDirectory() || entry.isSymbolicLink()) return expanded || countingNames.has(entry.name);
    return countingNames.has(entry.name);
  });
  return counting
    .map((entry) => `${entry.name}${entry.isDirectory() ? "/" : ""}`)
    .toSorted()
    .join("\0");
}

const countingNames: ReadonlySet<string> = new Set([...rootFiles, ...packageFiles]);
