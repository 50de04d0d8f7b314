import { hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { sealDigest, unsealSections } from "./sealed-file.ts";

export const recordsFormat = "slipway-records-3";

/** Where a record stands, and the digest of its bytes: first all of it but its value, then the value. */
export type RecordPlace = readonly [
  offset: number,
  headLength: number,
  valueLength: number,
  durationMs: number,
  digest: string,
];

/** A file of at most this size is read whole: that is quicker than to ask twice. */
const wholeBytesMax = 256 * 1024;

/**
 * The length of what is sealed as a whole, that, and the records: each is read when it is asked for, since there may be
 * megabytes of them. The file stays the one that was opened, also when another has taken its name.
 */
export class RecordsFile {
  readonly sections: ReadonlyMap<string, Buffer>;
  /** Of what is sealed. */
  readonly digest: string;
  readonly #open: OpenFile;
  readonly #recordsAt: number;

  /** Null when there is none, or it is damaged. */
  static read(path: string): RecordsFile | null {
    const open = OpenFile.at(path);
    if (!open) return null;
    const first = open.bytes(0, 32);
    const start = first.indexOf(10) + 1;
    const end = start + Number(first.toString("latin1", 0, start));
    const front = open.bytes(start, Number.isSafeInteger(end) ? end - start : 0);
    const sections = unsealSections(recordsFormat, front);
    return sections && new RecordsFile(open, { sections, digest: sealDigest(front), recordsAt: end });
  }

  private constructor(
    open: OpenFile,
    front: Pick<RecordsFile, "sections" | "digest"> & { readonly recordsAt: number },
  ) {
    this.#open = open;
    this.sections = front.sections;
    this.digest = front.digest;
    this.#recordsAt = front.recordsAt;
  }

  /** The bytes of a record, as many of them as are there. */
  record([offset, headLength, valueLength]: RecordPlace): Buffer {
    return this.#open.bytes(this.#recordsAt + offset, headLength + valueLength);
  }
}

/** A record as it was read: still bytes, which nobody has looked at. */
export class StoredRecord {
  readonly durationMs: number;
  readonly digest: string;
  readonly #file: RecordsFile;
  readonly #place: RecordPlace;
  #bytes: Buffer | null = null;

  constructor(file: RecordsFile, place: RecordPlace) {
    this.#file = file;
    this.#place = place;
    [, , , this.durationMs, this.digest] = place;
  }

  get isWhole(): boolean {
    return hash("sha256", this.#all, "hex") === this.digest;
  }

  get head(): Buffer {
    return this.#all.subarray(0, this.#place[1]);
  }

  get value(): Buffer {
    return this.#all.subarray(this.#place[1]);
  }

  get #all(): Buffer {
    return (this.#bytes ??= this.#file.record(this.#place));
  }
}

/** When nobody asks for its records any more, nobody says so. */
const forgotten = new FinalizationRegistry<number>((file) => closeSync(file));

class OpenFile {
  readonly #file: number;
  readonly #sizeBytes: number;
  readonly #whole: Buffer | null = null;

  static at(path: string): OpenFile | null {
    try {
      return new OpenFile(openSync(path, "r"));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return null;
      throw error;
    }
  }

  private constructor(file: number) {
    this.#file = file;
    this.#sizeBytes = fstatSync(file).size;
    if (this.#sizeBytes > wholeBytesMax) forgotten.register(this, file);
    else {
      this.#whole = this.bytes(0, this.#sizeBytes);
      closeSync(file);
    }
  }

  /** As many of them as there are. */
  bytes(from: number, length: number): Buffer {
    if (this.#whole) return this.#whole.subarray(from, from + length);
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, this.#sizeBytes - from)));
    let at = 0;
    for (let read = -1; at < bytes.length && read !== 0; at += read)
      read = readSync(this.#file, bytes, at, bytes.length - at, from + at);
    return bytes.subarray(0, at);
  }
}
