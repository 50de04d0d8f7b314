import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Skipped } from "../../prove.ts";
import { digestOf, summed } from "./parts.ts";

/** What one case showed. */
export interface Shown {
  readonly faults: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

export interface Tally {
  readonly cases: number;
  readonly faults: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  /** Of all parts. */
  readonly tookMs: number;
}

export interface Parts {
  readonly name: string;
  readonly total: number;
  /** Of the figures so far; everything is played in one go without it. */
  readonly folder: string | undefined;
  /** What is played, from the root: parts of other sources don't count. */
  readonly sources: readonly string[];
  /** One case; the same number is the same case, whichever lane plays it. */
  readonly play: (at: number, lane: number) => Promise<Shown>;
  /** How many are played at once; one when not said. */
  readonly lanes?: number;
  readonly log: (line: string) => void;
}

const partMsMax = 7 * 60_000;

/** Plays all cases, or, in parts, those that fit into some minutes, from where the part before ended. */
export async function inParts(parts: Parts): Promise<Tally | Skipped> {
  const { name, total, folder, sources, play, lanes = 1, log } = parts;
  const path = folder === undefined ? null : join(folder, `${name}-${digestOf(sources).slice(0, 12)}.json`);
  let tally: Tally = { cases: 0, faults: [], counts: {}, tookMs: 0 };
  if (path && existsSync(path)) tally = JSON.parse(readFileSync(path, "utf8")) as Tally;
  const startedMs = performance.now();
  while (tally.cases < total) {
    const first = tally.cases;
    const caseMs = performance.now();
    const count = Math.min(lanes, total - first);
    const shown = await Promise.all(Array.from({ length: count }, (_, lane) => play(first + lane, lane)));
    const faults = shown.flatMap((each, lane) =>
      each.faults.map((fault) => `case ${first + lane}: ${fault}`),
    );
    for (const fault of faults) log(fault);
    tally = {
      cases: first + count,
      faults: [...tally.faults, ...faults],
      counts: summed([tally.counts, ...shown.map(({ counts }) => counts)]),
      tookMs: tally.tookMs + performance.now() - caseMs,
    };
    if (folder !== undefined && path) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, JSON.stringify(tally));
    }
    if (tally.cases % 20 < count) log(`${tally.cases} of ${total}, ${tally.faults.length} faults`);
    if (path && performance.now() - startedMs > partMsMax && tally.cases < total)
      return { name, skipped: `${tally.cases} of ${total} cases so far; the same command goes on` };
  }
  return tally;
}
