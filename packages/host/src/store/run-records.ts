import { readOrNull, writeAtomically } from "./blob-store.ts";
import { writeFileSync } from "node:fs";

interface Kept<R> {
  readonly format: 1;
  readonly records: Record<string, R>;
}

/** What the last run of each task left, in one file of the git common directory. A damaged file counts as none. */
export class RunRecords<R extends { readonly durationMs: number }> {
  readonly #path: string;
  readonly #records: Map<string, R>;
  #dirty = false;

  constructor(path: string) {
    this.#path = path;
    this.#records = new Map(Object.entries(read<R>(path)));
  }

  last(id: string): R | null {
    return this.#records.get(id) ?? null;
  }

  durationMs(id: string): number | null {
    return this.#records.get(id)?.durationMs ?? null;
  }

  write(id: string, record: R): void {
    this.#records.set(id, record);
    this.#dirty = true;
  }

  flush(): void {
    if (!this.#dirty) return;
    const kept: Kept<R> = { format: 1, records: Object.fromEntries(this.#records) };
    try {
      writeAtomically(this.#path, (temporary) => writeFileSync(temporary, JSON.stringify(kept)));
      this.#dirty = false;
    } catch {
      // Without the record the next run hashes and restores more than it needs, and is right all the same.
    }
  }
}

function read<R>(path: string): Record<string, R> {
  try {
    const text = readOrNull(path)?.toString("utf8");
    const kept = text === undefined ? null : (JSON.parse(text) as Kept<R>);
    return kept?.format === 1 ? kept.records : {};
  } catch {
    return {};
  }
}
