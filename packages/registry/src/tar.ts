import { gunzipSync, gzipSync } from "node:zlib";

export interface TarEntry {
  /** With forward slashes, no leading `./`. */
  readonly path: string;
  readonly mode: number;
  readonly bytes: Uint8Array;
}

/** npm's constant for every file of every tarball: zip cannot hold earlier years. */
const mtimeSeconds = Date.parse("1985-10-26T08:15:00Z") / 1000;
const blockBytes = 512;

/**
 * A POSIX ustar archive: the same entries give the same bytes on every machine. No owner, one time, no directories.
 * Paths beyond ustar's 100 + 155 bytes get a pax header, as npm writes it.
 */
export function writeTar(entries: readonly TarEntry[]): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const entry of entries) {
    const split = splitPath(entry.path);
    if (!split) blocks.push(...paxHeader(entry.path));
    const path = split ?? { name: truncated(entry.path), prefix: "" };
    blocks.push(header({ ...path, mode: entry.mode, sizeBytes: entry.bytes.length, type: "0" }));
    blocks.push(entry.bytes, padding(entry.bytes.length));
  }
  blocks.push(new Uint8Array(2 * blockBytes));
  return Buffer.concat(blocks);
}

/** Gzip with a header that does not depend on the machine: no time, no name, operating system "unknown". */
export function gzip(bytes: Uint8Array): Uint8Array {
  const packed = gzipSync(bytes, { level: 9 });
  packed.fill(0, 4, 8);
  packed[8] = 2;
  packed[9] = 255;
  return packed;
}

/** Reads ustar, pax and GNU long names. Throws when the archive is cut off or a header's checksum is wrong. */
export function readTar(tar: Uint8Array): readonly TarEntry[] {
  const entries: TarEntry[] = [];
  let longPath: string | null = null;
  for (let at = 0; at + blockBytes <= tar.length;) {
    const block = tar.subarray(at, at + blockBytes);
    if (block.every((byte) => byte === 0)) return entries;
    checkSum(block);
    const size = octal(block, 124, 12);
    const type = String.fromCharCode(block[156] ?? 0);
    const bytes = tar.subarray(at + blockBytes, at + blockBytes + size);
    if (bytes.length < size) throw new Error("the archive is cut off");
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
    if (type === "x") longPath = paxPath(bytes) ?? longPath;
    else if (type === "L") longPath = text(bytes, 0, bytes.length);
    else if (type === "0" || type === "\0") {
      entries.push({ path: longPath ?? pathOf(block), mode: octal(block, 100, 8) & 0o7777, bytes });
      longPath = null;
    } else if (type !== "g") longPath = null;
  }
  throw new Error("the archive has no end");
}

/** The files of an npm tarball, without their first folder, whatever its name is. */
export function readTarball(tgz: Uint8Array): readonly TarEntry[] {
  return readTar(gunzipSync(tgz)).map((entry) => ({ ...entry, path: entry.path.replace(/^[^/]*\//, "") }));
}

interface TarHeader {
  readonly name: string;
  readonly prefix: string;
  readonly mode: number;
  readonly sizeBytes: number;
  /** `0` a file, `x` a pax header for the next entry. */
  readonly type: "0" | "x";
}

function header({ name, prefix, mode, sizeBytes, type }: TarHeader): Uint8Array {
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0, 100, "utf8");
  block.write(octalField(mode, 8), 100, "latin1");
  block.write(octalField(0, 8), 108, "latin1");
  block.write(octalField(0, 8), 116, "latin1");
  block.write(octalField(sizeBytes, 12), 124, "latin1");
  block.write(octalField(mtimeSeconds, 12), 136, "latin1");
  block.fill(" ", 148, 156);
  block.write(type, 156);
  block.write("ustar\x0000", 257, "latin1");
  block.write(prefix, 345, 155, "utf8");
  block.write(`${sumOf(block).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function paxHeader(path: string): Uint8Array[] {
  const record = ` path=${path}\n`;
  const recordBytes = Buffer.byteLength(record);
  let length = recordBytes + 1;
  while (String(length).length + recordBytes !== length) length = String(length).length + recordBytes;
  const bytes = Buffer.from(`${length}${record}`);
  const name = truncated(`PaxHeader/${path.slice(path.lastIndexOf("/") + 1)}`);
  return [
    header({ name, prefix: "", mode: 0o644, sizeBytes: bytes.length, type: "x" }),
    bytes,
    padding(bytes.length),
  ];
}

/** Null when ustar's two fields cannot hold the path. */
function splitPath(path: string): { name: string; prefix: string } | null {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: "" };
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    const prefix = path.slice(0, slash);
    const name = path.slice(slash + 1);
    if (Buffer.byteLength(prefix) > 155) return null;
    if (name !== "" && Buffer.byteLength(name) <= 100) return { name, prefix };
  }
  return null;
}

function truncated(path: string): string {
  return Buffer.from(path)
    .subarray(0, 99)
    .toString("latin1")
    .replace(/[^\x20-\x7e]/g, "_");
}

function padding(size: number): Uint8Array {
  return new Uint8Array((blockBytes - (size % blockBytes)) % blockBytes);
}

function octalField(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}

function octal(block: Uint8Array, at: number, width: number): number {
  // GNU writes sizes from 8 GiB on in base 256.
  if ((block[at] ?? 0) & 0x80) throw new Error("a file of more than 8 GiB");
  return Number.parseInt(text(block, at, width).trim() || "0", 8);
}

function text(bytes: Uint8Array, at: number, width: number): string {
  const field = Buffer.from(bytes.subarray(at, at + width));
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end === -1 ? width : end);
}

function pathOf(block: Uint8Array): string {
  const isUstar = text(block, 257, 6) === "ustar";
  const prefix = isUstar ? text(block, 345, 155) : "";
  return prefix ? `${prefix}/${text(block, 0, 100)}` : text(block, 0, 100);
}

function paxPath(bytes: Uint8Array): string | null {
  const records = Buffer.from(bytes);
  for (let at = 0; at < records.length;) {
    const space = records.indexOf(" ", at);
    const length = Number(records.toString("latin1", at, space));
    if (space === -1 || !(length > 0)) return null;
    const record = records.toString("utf8", space + 1, at + length - 1);
    if (record.startsWith("path=")) return record.slice("path=".length);
    at += length;
  }
  return null;
}

function checkSum(block: Uint8Array): void {
  const copy = Buffer.from(block);
  const said = octal(block, 148, 8);
  copy.fill(" ", 148, 156);
  if (sumOf(copy) !== said) throw new Error("a header's checksum is wrong");
}

function sumOf(block: Uint8Array): number {
  let sum = 0;
  for (const byte of block) sum += byte;
  return sum;
}
