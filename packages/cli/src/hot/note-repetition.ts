import { utimesSync } from "node:fs";
import type { HotRun } from "./find-hot-run.ts";

/**
 * A run in which nothing had to be done is the one that it repeats, at another time: the time stamp of that one's account
 * says when. Where the account is gone, one is made anew.
 */
export async function noteRepetition(
  known: HotRun,
  words: readonly string[],
  startedAt: number,
): Promise<void> {
  try {
    utimesSync(known.facts.keptAt, startedAt / 1000, startedAt / 1000);
  } catch {
    const { keepRepetition } = await import("./keep-repetition.ts");
    keepRepetition(known, words, startedAt);
  }
}
