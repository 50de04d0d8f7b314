import { statSync, utimesSync } from "node:fs";

/** Often enough to know what was used least recently, seldom enough to cost nothing. */
const touchAfterMs = 6 * 60 * 60 * 1000;

/** Says that a file of the store is in use, also where the file system does not keep times of reading. */
export function markUsed(path: string, nowMs: number): void {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat && nowMs - stat.mtimeMs > touchAfterMs) utimesSync(path, nowMs / 1000, nowMs / 1000);
  } catch {
    // A read-only store is used all the same.
  }
}
