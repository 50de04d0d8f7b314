import { writeFileSync } from "node:fs";
import { readOrNull, writeAtomically } from "./blob-store.ts";
import { sealSections, unsealSections } from "./sealed-file.ts";

const format = "slipway-records-2";

type Measures = readonly [durationMs: number, peakBytes: number | null];

interface Measured {
  readonly durationMs: number;
  readonly peakBytes: number | null;
}

/** Where a record stands: first all of it but its value, then the value. */
type Place = readonly [offset: number, headLength: number, valueLength: number, durationMs: number];

interface AnyRecord {
  readonly durationMs: number;
  readonly outputs: unknown;
  /** The same for the same values; null is the same as none. */
  readonly fingerprint: string | null;
  /** Large, and seldom asked for: parsed when it is. */
  readonly value: unknown;
}

interface Seen<R, I> {
  readonly record: R;
  /** Null: they were not looked at anew, an earlier run's still hold. */
  readonly inputs: I | null;
}

/**
 * What the last run of each task in a work tree left, in one file. A record is parsed when it is asked for. A damaged
 * file counts as none. `I` is what a task's inputs were seen as: kept for the end of this run, not written here.
 */
export class RunRecords<R extends AnyRecord, I = unknown> {
  readonly #path: string;
  readonly #places: Map<string, Place>;
  readonly #bytes: Buffer;
  readonly #read = new Map<string, R>();
  /** `valueAt`: its value is the one that stands there. */
  readonly #fresh = new Map<string, { readonly record: R; readonly valueAt: Place | null }>();
  readonly #measured: Map<string, Measures>;
  #isMeasured = false;
  readonly #seen = new Map<string, Seen<R, I>>();
  readonly #superseded = new Map<string, R>();

  constructor(path: string) {
    this.#path = path;
    const sections = unsealed(path);
    const index = sections?.get("index");
    this.#places = new Map(
      index ? Object.entries(JSON.parse(index.toString("utf8")) as Record<string, Place>) : [],
    );
    this.#bytes = sections?.get("records") ?? Buffer.alloc(0);
    const measures = sections?.get("measures");
    this.#measured = new Map(
      measures ? Object.entries(JSON.parse(measures.toString("utf8")) as Record<string, Measures>) : [],
    );
  }

  last(id: string): R | null {
    const known = this.#fresh.get(id)?.record ?? this.#read.get(id);
    if (known) return known;
    const place = this.#places.get(id);
    if (!place) return null;
    const [offset, length] = place;
    const head = JSON.parse(this.#bytes.toString("utf8", offset, offset + length)) as Omit<R, "value">;
    const record = this.#withLateValue(head, place);
    this.#read.set(id, record);
    return record;
  }

  durationMs(id: string): number | null {
    return this.#measured.get(id)?.[0] ?? this.#recordedMs(id);
  }

  peakBytes(id: string): number | null {
    return this.#measured.get(id)?.[1] ?? null;
  }

  /** A task that was too short to be measured keeps what was known of it. */
  measure(id: string, { durationMs, peakBytes }: Measured): void {
    this.#measured.set(id, [durationMs, peakBytes ?? this.peakBytes(id)]);
    this.#isMeasured = true;
  }

  #recordedMs(id: string): number | null {
    return this.#fresh.get(id)?.record.durationMs ?? this.#places.get(id)?.[3] ?? null;
  }

  write(id: string, record: R, inputs: I): void {
    const before = this.last(id);
    if (before && !this.#superseded.has(id) && isOther(before, record)) this.#superseded.set(id, before);
    if (before !== record) this.#fresh.set(id, { record, valueAt: null });
    this.#seen.set(id, { record, inputs });
  }

  restored(id: string, outputs: R["outputs"]): void {
    const last = this.last(id);
    const place = this.#places.get(id);
    if (!last) return;
    const isAsRead = place !== undefined && !this.#fresh.has(id);
    const head = { ...headOf(last), outputs } as unknown as Omit<R, "value">;
    const record = isAsRead ? this.#withLateValue(head, place) : ({ ...head, value: last.value } as R);
    this.#fresh.set(id, { record, valueAt: isAsRead ? place : null });
    this.#seen.set(id, { record, inputs: null });
  }

  /** What this run wrote or found unchanged, by task. */
  get seen(): ReadonlyMap<string, Seen<R, I>> {
    return this.#seen;
  }

  /** Records that stood here before this run and whose values it replaced by others, by task. */
  get superseded(): ReadonlyMap<string, R> {
    return this.#superseded;
  }

  flush(): void {
    if (this.#fresh.size === 0 && !this.#isMeasured) return;
    const places: Record<string, Place> = {};
    const pieces: Uint8Array[] = [];
    let offset = 0;
    for (const id of new Set([...this.#places.keys(), ...this.#fresh.keys()])) {
      const [head, value] = this.#encoded(id);
      places[id] = [offset, head.byteLength, value.byteLength, this.#recordedMs(id) ?? 0];
      pieces.push(head, value);
      offset += head.byteLength + value.byteLength;
    }
    const sections = {
      index: Buffer.from(JSON.stringify(places)),
      measures: Buffer.from(JSON.stringify(Object.fromEntries(this.#measured))),
      records: Buffer.concat(pieces),
    };
    try {
      writeAtomically(this.#path, (temporary) => writeFileSync(temporary, sealSections(format, sections)));
    } catch {
      // Without the record the next run hashes and restores more than it needs, and is right all the same.
    }
  }

  #encoded(id: string): readonly [head: Uint8Array, value: Uint8Array] {
    const fresh = this.#fresh.get(id);
    const place = fresh ? fresh.valueAt : this.#places.get(id);
    const value = place ? this.#valueBytes(place) : null;
    if (fresh) {
      const head = Buffer.from(JSON.stringify(headOf(fresh.record)));
      return [head, value ?? Buffer.from(JSON.stringify(fresh.record.value))];
    }
    const [offset = 0, length = 0] = place ?? [];
    return [this.#bytes.subarray(offset, offset + length), value ?? Buffer.alloc(0)];
  }

  #withLateValue(head: Omit<R, "value">, place: Place): R {
    let value: unknown;
    const parse = (): unknown => (value ??= JSON.parse(this.#valueBytes(place).toString("utf8")));
    // Not enumerable, so that a copy of the head does not parse it.
    return Object.defineProperty(head, "value", { get: parse }) as R;
  }

  #valueBytes([offset, headLength, valueLength]: Place): Buffer {
    return this.#bytes.subarray(offset + headLength, offset + headLength + valueLength);
  }
}

function isOther(before: AnyRecord, after: AnyRecord): boolean {
  if (before === after || (after.fingerprint !== null && before.fingerprint === after.fingerprint))
    return false;
  return JSON.stringify(before.value) !== JSON.stringify(after.value);
}

function headOf<R extends AnyRecord>(record: R): Omit<R, "value"> {
  if (!Object.prototype.propertyIsEnumerable.call(record, "value")) return { ...record };
  const { value: _, ...head } = record;
  return head;
}

function unsealed(path: string): ReadonlyMap<string, Buffer> | null {
  const bytes = readOrNull(path);
  return bytes ? unsealSections(format, bytes) : null;
}
