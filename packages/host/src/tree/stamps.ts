import type { Stats } from "node:fs";

/**
 * The kernel stamps files with the time of its last tick, 10 ms at most on the systems we run on. A file that was
 * read within the tick of its own stamp can change afterwards without its stamp telling.
 */
export const stampTickMs = 12;

/** All that tells whether a file was touched. */
export type StatNumbers = readonly [
  mtimeMs: number,
  ctimeMs: number,
  sizeBytes: number,
  inode: number,
  mode: number,
];

export const statNumberCount = 5;

export function statNumbers({ mtimeMs, ctimeMs, size, ino, mode }: Stats): StatNumbers {
  return [mtimeMs, ctimeMs, size, ino, mode];
}

/** The same as one word: kept with recorded outputs and compared as a whole. */
export function stampOf(stat: Stats): string {
  return statNumbers(stat).join(":");
}
