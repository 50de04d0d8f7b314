import { writeFileSync } from "node:fs";
import { readOrNull, writeAtomically } from "./blob-store.ts";

/** What a checked file holds: a text, and numbers that are used as they stand, without being parsed. */
export interface Checked {
  readonly text: string;
  readonly numbers: Float64Array;
}

/** Says what the bytes are; another layout gets another one. */
const magic = 0x53_4c_57_32;
/** Magic, how many bytes of text, how many numbers, and none: numbers have to begin at a multiple of 8. */
const headBytes = 16;
const numberBytes = 8;

/**
 * Writes a file that is read as a whole or not at all: all that it holds stands in it twice. Comparing both finds what a disk
 * or a cut-off write did, and needs nothing that Node would have to load, as a digest does.
 *
 * @throws what the file system throws
 */
export function writeChecked(path: string, { text, numbers }: Checked): void {
  const textBytes = Buffer.byteLength(text);
  const size = headBytes + numbers.byteLength + Math.ceil(textBytes / numberBytes) * numberBytes;
  const once = Buffer.alloc(size);
  once.writeUInt32LE(magic, 0);
  once.writeUInt32LE(textBytes, 4);
  once.writeUInt32LE(numbers.length, 8);
  once.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), headBytes);
  once.write(text, headBytes + numbers.byteLength, "utf8");
  writeAtomically(path, (temporary) => writeFileSync(temporary, Buffer.concat([once, once])));
}

/** Null where it is not there, or not as it was written. */
export function readChecked(path: string): Checked | null {
  const read = readOrNull(path);
  if (!read || read.length % (2 * numberBytes) !== 0 || read.length < 2 * headBytes) return null;
  const once = read.subarray(0, read.length / 2);
  if (!once.equals(read.subarray(once.length)) || once.readUInt32LE(0) !== magic) return null;
  const textBytes = once.readUInt32LE(4);
  const count = once.readUInt32LE(8);
  const from = headBytes + count * numberBytes;
  if (from + textBytes > once.length) return null;
  // Small files come in a part of a larger buffer, where the place may be any.
  const bytes = once.byteOffset % numberBytes === 0 ? once : Buffer.from(new Uint8Array(once).buffer);
  return {
    text: bytes.toString("utf8", from, from + textBytes),
    numbers: new Float64Array(bytes.buffer, bytes.byteOffset + headBytes, count),
  };
}

/** A short name for a text, to call a file by; the file itself says what it is about. */
export function shortName(text: string): string {
  // Source of the constants: FNV-1a, and the golden ratio as in Knuth's hash.
  let one = 0x81_1c_9d_c5;
  let other = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x01_00_01_93);
    other = Math.imul((other << 13) | (other >>> 19), 5) + Math.imul(unit ^ at, 0x9e_37_79_b1);
  }
  return [one, other].map((sum) => (sum >>> 0).toString(16).padStart(8, "0")).join("");
}
