import { hash } from "node:crypto";

export interface EntryOutput {
  readonly path: string;
  readonly kind: "file" | "link";
  readonly digest: string;
  readonly sizeBytes: number;
  readonly executable: boolean;
  readonly target?: string;
}

export type EntryLog = readonly (readonly [1 | 2, string])[];

/** What is stored under a fingerprint. Small files stand in it; large ones are blobs of their own. */
export interface ResultEntry {
  readonly outputs: readonly EntryOutput[];
  readonly log: EntryLog;
  readonly durationMs: number;
  /** Bytes of small files, by digest. */
  readonly inline: ReadonlyMap<string, Uint8Array>;
}

/** A file of at most this size stands in the entry, as long as the entry has room for it. */
export const inlineFileBytesMax = 16 * 1024;
export const inlineBytesMax = 1024 * 1024;

const magic = "slipway-result-1";

interface Header {
  readonly outputs: readonly EntryOutput[];
  readonly log: EntryLog;
  readonly durationMs: number;
  /** Digest and size of each file that follows the header, in order. */
  readonly inline: readonly (readonly [digest: string, sizeBytes: number])[];
}

/** First line: format, SHA-256 of all that follows, length of the JSON header. Then the header, then the files' bytes. */
export function encodeEntry({ outputs, log, durationMs, inline }: ResultEntry): Buffer {
  const files = [...inline];
  const header: Header = {
    outputs,
    log,
    durationMs,
    inline: files.map(([digest, bytes]) => [digest, bytes.length]),
  };
  const json = Buffer.from(JSON.stringify(header));
  const body = Buffer.concat([json, ...files.map(([, bytes]) => bytes)]);
  const first = `${magic} ${hash("sha256", body, "hex")} ${json.length}\n`;
  return Buffer.concat([Buffer.from(first), body]);
}

/** Null when the bytes are not exactly what was written: cut off, changed, or of another format. */
export function decodeEntry(bytes: Buffer): ResultEntry | null {
  const lineEnd = bytes.indexOf(10);
  const [format, digest, length] = bytes
    .subarray(0, Math.max(0, Math.min(lineEnd, 200)))
    .toString("latin1")
    .split(" ");
  const body = bytes.subarray(lineEnd + 1);
  if (format !== magic || hash("sha256", body, "hex") !== digest) return null;
  const jsonLength = Number(length);
  const header = JSON.parse(body.toString("utf8", 0, jsonLength)) as Header;
  const inline = new Map<string, Uint8Array>();
  let at = jsonLength;
  for (const [fileDigest, sizeBytes] of header.inline) {
    const file = body.subarray(at, at + sizeBytes);
    if (hash("sha256", file, "hex") !== fileDigest) return null;
    inline.set(fileDigest, file);
    at += sizeBytes;
  }
  return { outputs: header.outputs, log: header.log, durationMs: header.durationMs, inline };
}
