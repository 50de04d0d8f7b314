import { hash } from "node:crypto";

/**
 * A file of named sections that is read as a whole or not at all.
 * First line: format, SHA-256 of all that follows, length of the table. Then the table as JSON, then the sections.
 */
export function sealSections(format: string, sections: Readonly<Record<string, Uint8Array>>): Buffer {
  const table: Record<string, [offset: number, length: number]> = {};
  let offset = 0;
  for (const [name, bytes] of Object.entries(sections)) {
    table[name] = [offset, bytes.byteLength];
    offset += bytes.byteLength;
  }
  const json = Buffer.from(JSON.stringify(table));
  const body = Buffer.concat([json, ...Object.values(sections)]);
  return Buffer.concat([Buffer.from(`${format} ${hash("sha256", body, "hex")} ${json.length}\n`), body]);
}

/** Null when the bytes are not exactly what was written: cut off, changed, or of another format. */
export function unsealSections(format: string, bytes: Buffer): ReadonlyMap<string, Buffer> | null {
  const lineEnd = bytes.indexOf(10);
  if (lineEnd === -1 || lineEnd > 200) return null;
  const [name, digest, length] = bytes.toString("latin1", 0, lineEnd).split(" ");
  const body = bytes.subarray(lineEnd + 1);
  if (name !== format || hash("sha256", body, "hex") !== digest) return null;
  const start = Number(length);
  const table = JSON.parse(body.toString("utf8", 0, start)) as Record<string, [number, number]>;
  return new Map(
    Object.entries(table).map(([key, [at, size]]) => [key, body.subarray(start + at, start + at + size)]),
  );
}
