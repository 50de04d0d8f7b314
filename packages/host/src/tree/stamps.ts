import type { Stats } from "node:fs";

/**
 * The kernel stamps files with the time of its last tick, 10 ms at most on the systems we run on. A file that was
 * read within the tick of its own stamp can change afterwards without its stamp telling.
 */
const fineTickMs = 12;
/** HFS+, ext3 and NFS before version 4 know whole seconds, FAT every other one. */
const coarseTickMs = 2012;

type Times = Pick<Stats, "mtimeMs" | "ctimeMs">;

/** The tick of the file system that something stands on, told by its own stamps: two whole seconds are no chance. */
export function tickMsOf({ mtimeMs, ctimeMs }: Times): number {
  return mtimeMs % 1000 === 0 && ctimeMs % 1000 === 0 ? coarseTickMs : fineTickMs;
}

/** True when something was last touched well before a moment, so that its stamps tell every later change. */
export function isSettled(stat: Times, beforeMs: number): boolean {
  return Math.max(stat.mtimeMs, stat.ctimeMs) + tickMsOf(stat) < beforeMs;
}

/** How long to wait until what is written now has an older stamp than what is written then. */
export function settlingMs(stat: Times | undefined, nowMs: number): number {
  const isCoarse = stat !== undefined && tickMsOf(stat) === coarseTickMs;
  return isCoarse ? 2000 - (nowMs % 2000) + fineTickMs : fineTickMs;
}

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
  return stampFrom(statNumbers(stat));
}

export function stampFrom(numbers: readonly number[] | Float64Array): string {
  return numbers.join(":");
}

export function stampNumbers(stamp: string): readonly number[] {
  return stamp.split(":").map(Number);
}
