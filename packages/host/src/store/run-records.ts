import { hash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { writeAtomically } from "./blob-store.ts";
import { RecordsFile, recordsFormat, StoredRecord, type RecordPlace } from "./records-file.ts";
import { sealSections } from "./sealed-file.ts";

type Measures = readonly [durationMs: number, peakBytes: number | null];

interface Measured {
  readonly durationMs: number;
  readonly peakBytes: number | null;
}

/** What was read of a record, and from which file. */
interface Stored {
  readonly record: StoredRecord;
  /** True: it stands in the file beside. */
  readonly isSince: boolean;
}

/** Of all records: with more than that in the file beside, all are written whole again. */
const sinceShareMax = 1 / 20;
const sinceMin = 2;

interface AnyRecord {
  readonly durationMs: number;
  readonly outputs: unknown;
  /** The same for the same values; null is the same as none. */
  readonly fingerprint: string | null;
  /** Large, and seldom asked for: parsed when it is. */
  readonly value: unknown;
}

type Encoded = readonly [head: Uint8Array, value: Uint8Array, digest: string];

interface Fresh<R> {
  readonly record: R;
  /** As it will be written, where its value is the one that was read. */
  readonly encoded: Encoded | null;
}

interface Seen<R, I> {
  readonly record: R;
  /** Null: they were not looked at anew, an earlier run's still hold. */
  readonly inputs: I | null;
}

/**
 * What the last run of each task in a work tree left, in one file; what few tasks left since that was written, in one
 * beside it. A record is verified and parsed when it is asked for. A damaged one, or a damaged file, counts as none. `I` is what a task's inputs were seen as: kept for the end of this run, not written here.
 */
export class RunRecords<R extends AnyRecord, I = unknown> {
  readonly #path: string;
  readonly #stored: ReadonlyMap<string, Stored>;
  /** Of the file with most of them; empty where there is none. */
  readonly #digest: string;
  readonly #read = new Map<string, R>();
  readonly #fresh = new Map<string, Fresh<R>>();
  readonly #measured: Map<string, Measures>;
  /** Tasks that were measured after the file with most of them was written. */
  readonly #measuredSince: Set<string>;
  #isMeasured = false;
  readonly #seen = new Map<string, Seen<R, I>>();
  readonly #superseded = new Map<string, R>();

  constructor(path: string) {
    this.#path = path;
    const whole = RecordsFile.read(path);
    this.#digest = whole?.digest ?? "";
    const since = whole && RecordsFile.read(sincePath(path));
    const isOfWhole = since?.sections.get("of")?.toString("latin1") === this.#digest;
    const files = [...(whole ? [whole] : []), ...(since && isOfWhole ? [since] : [])];
    this.#stored = new Map(files.flatMap((file, at) => storedIn(file, at > 0)));
    const measures = files.map(({ sections }) => entriesOf<Measures>(sections.get("measures")));
    this.#measured = new Map(measures.flat());
    this.#measuredSince = new Set(measures[1]?.map(([id]) => id));
  }

  last(id: string): R | null {
    const known = this.#fresh.get(id)?.record ?? this.#read.get(id);
    if (known) return known;
    const stored = this.#stored.get(id)?.record;
    if (!stored?.isWhole) return null;
    const record = withLateValue<R>(JSON.parse(textOf(stored.head)) as Omit<R, "value">, stored);
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
    this.#measuredSince.add(id);
    this.#isMeasured = true;
  }

  #recordedMs(id: string): number | null {
    return this.#fresh.get(id)?.record.durationMs ?? this.#stored.get(id)?.record.durationMs ?? null;
  }

  write(id: string, record: R, inputs: I): void {
    const before = this.last(id);
    if (before && !this.#superseded.has(id) && isOther(before, record)) this.#superseded.set(id, before);
    if (before !== record) this.#fresh.set(id, { record, encoded: null });
    this.#seen.set(id, { record, inputs });
  }

  restored(id: string, outputs: R["outputs"]): void {
    const last = this.last(id);
    const stored = this.#stored.get(id)?.record;
    if (!last) return;
    const head = { ...headOf(last), outputs } as unknown as Omit<R, "value">;
    const isAsRead = stored !== undefined && !this.#fresh.has(id);
    const record = isAsRead ? withLateValue<R>(head, stored) : ({ ...head, value: last.value } as R);
    // Made here, where another thread may be at work, rather than at the end of the run, when all is waiting for it.
    const encoded = isAsRead ? encodedOf(head, stored.value) : null;
    this.#fresh.set(id, { record, encoded });
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
    const since = new Set([...this.#since(), ...this.#fresh.keys()]);
    const isSmall =
      this.#digest !== "" && since.size <= Math.max(sinceMin, this.#stored.size * sinceShareMax);
    const bytes = isSmall
      ? this.#fileOf(since, this.#measuredSince)
      : this.#fileOf(new Set([...this.#stored.keys(), ...this.#fresh.keys()]), null);
    try {
      const path = isSmall ? sincePath(this.#path) : this.#path;
      writeAtomically(path, (temporary) => writeFileSync(temporary, bytes));
    } catch {
      // Without the record the next run hashes and restores more than it needs, and is right all the same.
    }
  }

  #since(): string[] {
    return [...this.#stored].flatMap(([id, { isSince }]) => (isSince ? [id] : []));
  }

  /** @param measured null: all tasks that were, and the file stands alone */
  #fileOf(ids: ReadonlySet<string>, measured: ReadonlySet<string> | null): Buffer {
    const places: Record<string, RecordPlace> = {};
    const pieces: Uint8Array[] = [];
    let offset = 0;
    for (const id of ids) {
      const [head, value, digest] = this.#encoded(id);
      places[id] = [offset, head.byteLength, value.byteLength, this.#recordedMs(id) ?? 0, digest];
      pieces.push(head, value);
      offset += head.byteLength + value.byteLength;
    }
    const measures = [...this.#measured].filter(([id]) => measured?.has(id) ?? true);
    const front = sealSections(recordsFormat, {
      ...(measured ? { of: Buffer.from(this.#digest) } : {}),
      index: Buffer.from(JSON.stringify(places)),
      measures: Buffer.from(JSON.stringify(Object.fromEntries(measures))),
    });
    return Buffer.concat([Buffer.from(`${front.byteLength}\n`), front, ...pieces]);
  }

  #encoded(id: string): Encoded {
    const fresh = this.#fresh.get(id);
    const stored = this.#stored.get(id)?.record;
    if (fresh) {
      const { encoded, record } = fresh;
      return encoded ?? encodedOf(headOf(record), Buffer.from(JSON.stringify(record.value)));
    }
    return stored ? [stored.head, stored.value, stored.digest] : noBytes;
  }
}

function withLateValue<R extends AnyRecord>(head: Omit<R, "value">, stored: StoredRecord): R {
  let value: unknown;
  const parse = (): unknown => (value ??= JSON.parse(textOf(stored.value)));
  // Not enumerable, so that a copy of the head does not parse it.
  return Object.defineProperty(head, "value", { get: parse }) as R;
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

function sincePath(path: string): string {
  return `${path}.since`;
}

function storedIn(file: RecordsFile, isSince: boolean): [string, Stored][] {
  return entriesOf<RecordPlace>(file.sections.get("index")).map(([id, place]) => [
    id,
    { record: new StoredRecord(file, place), isSince },
  ]);
}

function digestOf(bytes: Buffer): string {
  return hash("sha256", bytes, "hex");
}

function encodedOf(head: unknown, value: Buffer): Encoded {
  const bytes = Buffer.from(JSON.stringify(head));
  return [bytes, value, digestOf(Buffer.concat([bytes, value]))];
}

const noBytes: Encoded = [Buffer.alloc(0), Buffer.alloc(0), ""];

function textOf(bytes: Buffer): string {
  return bytes.toString("utf8");
}

function entriesOf<T>(json: Buffer | undefined): [string, T][] {
  return json ? Object.entries(JSON.parse(textOf(json)) as Record<string, T>) : [];
}
