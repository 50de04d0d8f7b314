import { writeFileSync } from "node:fs";
import { readOrNull, writeAtomically } from "./blob-store.ts";
import { sealSections, unsealSections } from "./sealed-file.ts";

const format = "slipway-records-1";

type Place = readonly [offset: number, length: number, durationMs: number];

/**
 * What the last run of each task in a work tree left, in one file. A record is parsed when it is asked for. A damaged
 * file counts as none. `I` is what a task's inputs were seen as: kept for the end of this run, not written here.
 */
export class RunRecords<R extends { readonly durationMs: number; readonly value: unknown }, I = unknown> {
  readonly #path: string;
  readonly #places: Map<string, Place>;
  readonly #bytes: Buffer;
  readonly #fresh = new Map<string, R>();
  readonly #seen = new Map<string, { readonly record: R; readonly inputs: I }>();
  readonly #superseded = new Map<string, R>();
  #dirty = false;

  constructor(path: string) {
    this.#path = path;
    const sections = unsealed(path);
    const index = sections?.get("index");
    this.#places = new Map(
      index ? Object.entries(JSON.parse(index.toString("utf8")) as Record<string, Place>) : [],
    );
    this.#bytes = sections?.get("records") ?? Buffer.alloc(0);
  }

  last(id: string): R | null {
    const fresh = this.#fresh.get(id);
    if (fresh) return fresh;
    const place = this.#places.get(id);
    if (!place) return null;
    const [offset, length] = place;
    const record = JSON.parse(this.#bytes.toString("utf8", offset, offset + length)) as R;
    this.#fresh.set(id, record);
    return record;
  }

  durationMs(id: string): number | null {
    return this.#fresh.get(id)?.durationMs ?? this.#places.get(id)?.[2] ?? null;
  }

  write(id: string, record: R, inputs: I): void {
    if (this.#fresh.get(id) !== record) this.#dirty = true;
    const before = this.last(id);
    const isOther = before && JSON.stringify(before.value) !== JSON.stringify(record.value);
    if (isOther && !this.#superseded.has(id)) this.#superseded.set(id, before);
    this.#fresh.set(id, record);
    this.#seen.set(id, { record, inputs });
  }

  /** What this run wrote or found unchanged, by task. */
  get seen(): ReadonlyMap<string, { readonly record: R; readonly inputs: I }> {
    return this.#seen;
  }

  /** Records that stood here before this run and whose values it replaced by others, by task. */
  get superseded(): ReadonlyMap<string, R> {
    return this.#superseded;
  }

  flush(): void {
    if (!this.#dirty) return;
    const places: Record<string, Place> = {};
    const pieces: Uint8Array[] = [];
    let offset = 0;
    for (const id of new Set([...this.#places.keys(), ...this.#fresh.keys()])) {
      const bytes = this.#encoded(id);
      places[id] = [offset, bytes.byteLength, this.durationMs(id) ?? 0];
      pieces.push(bytes);
      offset += bytes.byteLength;
    }
    const sections = { index: Buffer.from(JSON.stringify(places)), records: Buffer.concat(pieces) };
    try {
      writeAtomically(this.#path, (temporary) => writeFileSync(temporary, sealSections(format, sections)));
      this.#dirty = false;
    } catch {
      // Without the record the next run hashes and restores more than it needs, and is right all the same.
    }
  }

  #encoded(id: string): Uint8Array {
    const fresh = this.#fresh.get(id);
    if (fresh) return Buffer.from(JSON.stringify(fresh));
    const [offset, length] = this.#places.get(id) ?? [0, 0];
    return this.#bytes.subarray(offset, offset + length);
  }
}

function unsealed(path: string): ReadonlyMap<string, Buffer> | null {
  const bytes = readOrNull(path);
  return bytes ? unsealSections(format, bytes) : null;
}
