import { hash } from "node:crypto";

/**
 * A file of named sections that is read as a whole or not at all.
 * First line: format and SHA-256 of all that follows. Second line: length of the table. Then the table as JSON, then
 * the sections.
 */
export function sealSections(format: string, sections: Readonly<Record<string, Uint8Array>>): Buffer {
  const table: Record<string, [offset: number, length: number]> = {};
  let offset = 0;
  for (const [name, bytes] of Object.entries(sections)) {
    table[name] = [offset, bytes.byteLength];
    offset += bytes.byteLength;
  }
  const json = Buffer.from(JSON.stringify(table));
  const body = Buffer.concat([Buffer.from(`${json.length}\n`), json, ...Object.values(sections)]);
  return Buffer.concat([Buffer.from(`${format} ${hash("sha256", body, "hex")}\n`), body]);
}

/** Null when the bytes are not exactly what was written: cut off, changed, or of another format. */
export function unsealSections(format: string, bytes: Buffer): ReadonlyMap<string, Buffer> | null {
  const firstEnd = bytes.indexOf(10);
  if (firstEnd === -1 || firstEnd > 200) return null;
  const [name, digest] = bytes.toString("latin1", 0, firstEnd).split(" ");
  const body = bytes.subarray(firstEnd + 1);
  if (name !== format || hash("sha256", body, "hex") !== digest) return null;
  // From here on all bytes are those that were written.
  const secondEnd = body.indexOf(10);
  const start = secondEnd + 1 + Number(body.toString("latin1", 0, secondEnd));
  const table = JSON.parse(body.toString("utf8", secondEnd + 1, start)) as Record<string, [number, number]>;
  return new Map(
    Object.entries(table).map(([key, [at, size]]) => [key, body.subarray(start + at, start + at + size)]),
  );
}
