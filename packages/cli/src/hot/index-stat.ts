import { statSync } from "node:fs";

/** What tells that git has written its index again. */
export function indexStat(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}:${stat.ctimeMs}:${stat.size}:${stat.ino}` : "none";
}
