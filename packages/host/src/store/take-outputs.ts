import { hash } from "node:crypto";
import { readlinkSync, type Stats } from "node:fs";
import { bytesOf } from "../tree/bytes-of.ts";
import { stampOf } from "../tree/stamps.ts";
import type { BlobStore } from "./blob-store.ts";
import { digestOfFile } from "./digest-of-file.ts";
import { inlineBytesMax, inlineFileBytesMax, type EntryOutput } from "./result-entry.ts";
import { lookAt } from "../tree/look-at.ts";

/** Files above this size are copied and hashed in pieces. */
export const wholeFileBytesMax = 8 * 1024 * 1024;

export interface TakenOutputs {
  readonly outputs: readonly (EntryOutput & { readonly stamp: string })[];
  readonly inline: ReadonlyMap<string, Uint8Array>;
  /** The first error of the store; the outputs are known all the same. */
  readonly fault: NodeJS.ErrnoException | null;
}

/** Reads outputs from the work tree; `blobs` null only records them. Files that are gone again are left out. */
export async function takeOutputs(
  root: string,
  paths: readonly string[],
  blobs: BlobStore | null,
): Promise<TakenOutputs> {
  const taking: Taking = { blobs, inline: new Map(), inlineBytes: 0, fault: null };
  const outputs: (EntryOutput & { stamp: string })[] = [];
  for (const path of paths) {
    const absolute = `${root}/${path}`;
    const stat = lookAt(absolute);
    if (!stat) continue;
    const output = await takeOne({ path, absolute, stat }, taking);
    if (output) outputs.push({ ...output, stamp: stampOf(stat) });
  }
  return { outputs, inline: taking.inline, fault: taking.fault };
}

interface Taking {
  readonly blobs: BlobStore | null;
  readonly inline: Map<string, Uint8Array>;
  inlineBytes: number;
  fault: NodeJS.ErrnoException | null;
}

interface Found {
  readonly path: string;
  readonly absolute: string;
  readonly stat: Stats;
}

async function takeOne(found: Found, taking: Taking): Promise<EntryOutput | null> {
  const { path, absolute, stat } = found;
  if (stat.isSymbolicLink()) {
    const target = readlinkSync(absolute);
    const digest = hash("sha256", target, "hex");
    return { path, kind: "link", digest, sizeBytes: Buffer.byteLength(target), executable: false, target };
  }
  if (!stat.isFile()) return null;
  const executable = (stat.mode & 0o100) !== 0;
  const large = stat.size > wholeFileBytesMax;
  const digest = large ? await takeLarge(absolute, taking) : takeSmall(found, taking);
  return { path, kind: "file", digest, sizeBytes: stat.size, executable };
}

function takeSmall({ absolute, stat }: Found, taking: Taking): string {
  const bytes = bytesOf(absolute, stat.size);
  const digest = hash("sha256", bytes, "hex");
  const { blobs, inline } = taking;
  if (!blobs || taking.fault || inline.has(digest)) return digest;
  if (bytes.length <= inlineFileBytesMax && taking.inlineBytes + bytes.length <= inlineBytesMax) {
    inline.set(digest, Buffer.from(bytes));
    taking.inlineBytes += bytes.length;
  } else {
    notingFaults(taking, () => blobs.put(digest, bytes));
  }
  return digest;
}

async function takeLarge(absolute: string, taking: Taking): Promise<string> {
  if (taking.blobs && !taking.fault) {
    try {
      return await taking.blobs.putFile(absolute);
    } catch (error) {
      taking.fault = error as NodeJS.ErrnoException;
    }
  }
  return digestOfFile(absolute);
}

function notingFaults(taking: Taking, act: () => void): void {
  try {
    act();
  } catch (error) {
    taking.fault = error as NodeJS.ErrnoException;
  }
}
