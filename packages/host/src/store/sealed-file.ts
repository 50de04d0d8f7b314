import { hash } from "node:crypto";

/**
 * A file of named sections that is read as a whole or not at all.
 * First line: format and SHA-256 of all that follows. Second line: length of the table. Then the table as JSON, then
 * the sections.
 */
export function sealSections(
  format: string,
  sections: Readonly<Record<string, Uint8Array>> | ReadonlyMap<string, Uint8Array>,
): Buffer {
  const named = sections instanceof Map ? sections : new Map(Object.entries(sections));
  // Written by hand: an object with names that no other has is slow to make.
  const rows: string[] = [];
  let offset = 0;
  for (const [name, bytes] of named) {
    rows.push(`${JSON.stringify(name)}:[${offset},${bytes.byteLength}]`);
    offset += bytes.byteLength;
  }
  const json = `{${rows.join(",")}}`;
  const firstEnd = format.length + 1 + digestLength + 1;
  const start = `${Buffer.byteLength(json)}\n${json}`;
  const startEnd = firstEnd + Buffer.byteLength(start);
  const sealed = Buffer.allocUnsafe(startEnd + offset);
  sealed.write(start, firstEnd);
  let at = startEnd;
  for (const bytes of named.values()) {
    sealed.set(bytes, at);
    at += bytes.byteLength;
  }
  sealed.write(`${format} ${hash("sha256", sealed.subarray(firstEnd), "hex")}\n`, 0, "latin1");
  return sealed;
}

/** Hexadecimal digits of a SHA-256. */
const digestLength = 64;

/** What the first line says of all that follows: one more name for a file that was found to be whole. */
export function sealDigest(sealed: Buffer): string {
  const [, digest = ""] = sealed.toString("latin1", 0, Math.max(0, sealed.indexOf(10))).split(" ");
  return digest;
}

/** Null when the bytes are not exactly what was written: cut off, changed, or of another format. */
export function unsealSections(format: string, bytes: Buffer): ReadonlyMap<string, Buffer> | null {
  const firstEnd = bytes.indexOf(10);
  if (firstEnd === -1 || firstEnd > 200) return null;
  const [name, digest] = bytes.toString("latin1", 0, firstEnd).split(" ");
  const body = bytes.subarray(firstEnd + 1);
  if (name !== format || hash("sha256", body, "hex") !== digest) return null;
  // From here on all bytes are those that were written; by whom, and in which shape, is another question.
  const secondEnd = body.indexOf(10);
  const start = secondEnd + 1 + Number(body.toString("latin1", 0, secondEnd));
  const table = tableIn(body.toString("utf8", secondEnd + 1, start), body.length - start);
  return (
    table && new Map(table.map(([key, [at, size]]) => [key, body.subarray(start + at, start + at + size)]))
  );
}

type Row = readonly [name: string, place: readonly [offset: number, length: number]];

function tableIn(text: string, bytesMax: number): readonly Row[] | null {
  const rows = plainRows(text) ?? rowsOf(text);
  return rows?.every(([, [at, size]]) => isCount(at) && isCount(size) && at + size <= bytesMax) ? rows : null;
}

/** As `sealSections` writes it, read by hand: an object with names that no other has is slow to make. Null: otherwise. */
function plainRows(text: string): Row[] | null {
  const rows: Row[] = [];
  const names = new Set<string>();
  plainRow.lastIndex = 1;
  while (plainRow.lastIndex < text.length) {
    const [whole, name = "", at, size] = plainRow.exec(text) ?? [];
    if (whole === undefined || names.has(name)) return null;
    names.add(name);
    rows.push([name, [Number(at), Number(size)]]);
  }
  return text.startsWith("{") && text.endsWith("}") ? rows : null;
}

/** With the comma, or the brace, behind it. */
const plainRow = /"([a-z0-9]+)":\[(\d{1,15}),(\d{1,15})\](?:,(?=")|\}$)/y;

function rowsOf(text: string): Row[] | null {
  let rows: [string, unknown][];
  try {
    rows = Object.entries(JSON.parse(text) as object);
  } catch {
    return null;
  }
  return rows.every(isRow) ? rows : null;
}

function isRow(row: [string, unknown]): row is [string, [number, number]] {
  return Array.isArray(row[1]) && row[1].length === 2;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
