import { parseRecords } from "@slipway/ledger";
import { progressOf, type Progress } from "@slipway/release";
import { readFile } from "node:fs/promises";

/** How far the release is that a journal tells of; nothing is done when there is none. */
export async function progressIn(journal: string): Promise<Progress> {
  return progressOf(parseRecords((await textOf(journal)) ?? "", journal).records);
}

/** Null when there is no such file. */
export async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
