import { hash } from "node:crypto";
import { sealSections, unsealSections } from "./sealed-file.ts";

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

const format = "slipway-result-3";

/** It says what it is a result of, so that one that stands under another name is known. */
type Header = Omit<ResultEntry, "inline"> & { readonly fingerprint: string };

export function encodeEntry(fingerprint: string, { outputs, log, durationMs, inline }: ResultEntry): Buffer {
  const header: Header = { fingerprint, outputs, log, durationMs };
  const sections = new Map<string, Uint8Array>([["header", Buffer.from(JSON.stringify(header))], ...inline]);
  return sealSections(format, sections);
}

/**
 * Null when the bytes are not exactly what was written, when they were written under another fingerprint, or when a file
 * in it is not what its digest says.
 */
export function decodeEntry(fingerprint: string, bytes: Buffer): ResultEntry | null {
  const sections = unsealSections(format, bytes);
  const header = sections?.get("header");
  if (!sections || !header) return null;
  const read = headerIn(header.toString("utf8"));
  if (read?.fingerprint !== fingerprint) return null;
  const { outputs, log, durationMs } = read;
  const inline = new Map<string, Uint8Array>();
  for (const [digest, file] of sections) {
    if (digest === "header") continue;
    if (hash("sha256", file, "hex") !== digest) return null;
    inline.set(digest, file);
  }
  return { outputs, log, durationMs, inline };
}

/** An entry may be sealed and still be of another shape, written by who knows the format and not the fields. */
function headerIn(text: string): Header | null {
  let header: Partial<Record<keyof Header, unknown>>;
  try {
    header = JSON.parse(text) as typeof header;
  } catch {
    return null;
  }
  if (header === null || typeof header !== "object") return null;
  const { outputs, log, durationMs } = header;
  const isWhole =
    Array.isArray(outputs) && outputs.every(isOutput) && Array.isArray(log) && log.every(isPiece);
  return isWhole && typeof durationMs === "number" ? (header as Header) : null;
}

function isOutput(value: unknown): boolean {
  if (value === null || typeof value !== "object") return false;
  const { path, kind, digest, sizeBytes, executable, target } = value as Partial<
    Record<keyof EntryOutput, unknown>
  >;
  return (
    typeof path === "string" &&
    (kind === "file" || (kind === "link" && typeof target === "string")) &&
    typeof digest === "string" &&
    /^[0-9a-f]{64}$/.test(digest) &&
    typeof sizeBytes === "number" &&
    typeof executable === "boolean"
  );
}

function isPiece(value: unknown): boolean {
  return Array.isArray(value) && (value[0] === 1 || value[0] === 2) && typeof value[1] === "string";
}
