import type { Proof, ProveOptions } from "../../prove.ts";
import { openParts, summed } from "../release/parts.ts";

export interface Part {
  readonly figures: Readonly<Record<string, number>>;
  readonly failed: number;
}

/** What a proof that is made part by part needs to know; without `parts` all are played in one go. */
export type PartsOptions = Pick<ProveOptions, "seed" | "full" | "parts" | "log">;

interface Claim extends Pick<Proof, "name" | "summary"> {
  readonly partCount: number;
  /** Folders and files, from the root: figures of other ones prove nothing of these. */
  readonly sources: readonly string[];
}

/**
 * Plays the parts that a folder lacks: one of them, where there is a folder, else all. A slice is one part, which is not kept.
 *
 * @param play plays the part of this number, from 0
 * @returns what all parts that were played have shown, their figures added up
 */
export async function inParts(
  { name, summary, partCount, sources }: Claim,
  { seed, full, parts }: PartsOptions,
  play: (at: number) => Promise<Part>,
): Promise<Proof> {
  const kept = openParts<Part>(full ? (parts ?? null) : null, sources);
  const names = Array.from({ length: full ? partCount : 1 }, (_, at) => `${name}-${seed}-${at}`);
  const all = names.flatMap((part) => kept.read(part) ?? []);
  for (const [at, part] of names.entries()) {
    if (kept.read(part)) continue;
    all.push(kept.keep(part, await play(at)));
    if (parts !== undefined) break;
  }
  return {
    name,
    summary,
    figures: {
      "parts shown": `${all.length} of ${names.length}`,
      ...summed(all.map(({ figures }) => figures)),
    },
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
  };
}
