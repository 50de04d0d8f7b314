import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ensureDir } from "../ensure-dir.ts";
import { readOrNull, setAside } from "./blob-store.ts";
import { digestOfFile } from "./digest-of-file.ts";
import { decodeEntry, type ResultEntry } from "./result-entry.ts";

export interface StoreStats {
  readonly entries: number;
  readonly entryBytes: number;
  readonly blobs: number;
  readonly blobBytes: number;
  readonly quarantined: number;
  readonly quarantineBytes: number;
  /** Milliseconds since the epoch; null when nothing is stored. */
  readonly oldestUseMs: number | null;
}

export interface StoreBounds {
  readonly sizeBytesMax: number;
  /** Since something was last used. */
  readonly ageMsMax: number;
}

export interface Pruned {
  readonly entries: number;
  readonly blobs: number;
  readonly freedBytes: number;
  readonly keptBytes: number;
}

/** A blob is written before the entry that names it; a temporary file lives shorter than this. */
const WRITING_MS_MAX = 3_600_000;
const QUARANTINE_MS_MAX = 7 * 86_400_000;
const PRUNE_EVERY_MS = 86_400_000;

interface StoredFile {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** When it was last read or written, as the file system knows it: `relatime` is exact to a day. */
  readonly usedMs: number;
}

export function storeStats(dir: string): StoreStats {
  const [entries, blobs, quarantine] = [filesOf(dir, "ac"), filesOf(dir, "cas"), filesOf(dir, "quarantine")];
  const uses = entries.map(({ usedMs }) => usedMs);
  return {
    entries: entries.length,
    entryBytes: sizeOf(entries),
    blobs: blobs.length,
    blobBytes: sizeOf(blobs),
    quarantined: quarantine.length,
    quarantineBytes: sizeOf(quarantine),
    oldestUseMs: uses.length === 0 ? null : uses.reduce((least, each) => Math.min(least, each)),
  };
}

/**
 * Removes what was not used for long, and then what was used longest ago until the rest fits. Blobs go with the last
 * entry that names them. Safe beside runs: what one of them misses, it makes again.
 */
export function pruneStore(dir: string, bounds: StoreBounds, now: number): Pruned {
  const blobs = new Map(filesOf(dir, "cas").map((file) => [file.name, file]));
  const kept = new Set<StoredFile>();
  const unnamed = new Set<StoredFile>();
  let keptBytes = 0;
  const removed: StoredFile[] = [];
  for (const entry of filesOf(dir, "ac").toSorted((a, b) => b.usedMs - a.usedMs)) {
    const named = blobsNamedBy(entry.path).flatMap((digest) => blobs.get(digest) ?? []);
    const added = [entry, ...named].filter((file) => !kept.has(file));
    const bytes = sizeOf(added);
    const isYoung = now - entry.usedMs <= bounds.ageMsMax;
    if (isYoung && keptBytes + bytes <= bounds.sizeBytesMax) {
      for (const file of added) kept.add(file);
      keptBytes += bytes;
    } else if (remove(entry)) {
      removed.push(entry);
      for (const blob of named) unnamed.add(blob);
    }
  }
  const idle = (file: StoredFile): boolean => unnamed.has(file) || now - file.usedMs > WRITING_MS_MAX;
  const goneBlobs = [...blobs.values()].filter((blob) => !kept.has(blob) && idle(blob)).filter(remove);
  const old = filesOf(dir, "quarantine").filter(({ usedMs }) => now - usedMs > QUARANTINE_MS_MAX);
  const cutOff = leftovers(dir).filter(({ usedMs }) => now - usedMs > WRITING_MS_MAX);
  const freedBytes = sizeOf([...removed, ...goneBlobs, ...[...old, ...cutOff].filter(remove)]);
  return { entries: removed.length, blobs: goneBlobs.length, freedBytes, keptBytes };
}

/** Once a day, by whoever runs something then; null when it is not due. A fault of the disk is not the run's. */
export function pruneWhenDue(dir: string, bounds: StoreBounds, now: number): Pruned | null {
  const mark = join(dir, "pruned");
  const lastMs = statSync(mark, { throwIfNoEntry: false })?.mtimeMs;
  if (lastMs !== undefined && now - lastMs < PRUNE_EVERY_MS) return null;
  try {
    ensureDir(dir);
    writeFileSync(mark, "");
    return lastMs === undefined ? null : pruneStore(dir, bounds, now);
  } catch {
    return null;
  }
}

export interface StoreDamage {
  /** Absolute. */
  readonly path: string;
  readonly problem: string;
}

export interface Verified {
  readonly entries: number;
  readonly blobs: number;
  readonly damaged: readonly StoreDamage[];
}

/** Reads every byte of the store. With `repair` what is damaged goes to the quarantine, so that no run meets it. */
export async function verifyStore(dir: string, { repair }: { readonly repair: boolean }): Promise<Verified> {
  const blobs = filesOf(dir, "cas");
  const damaged: StoreDamage[] = [];
  const whole = new Set<string>();
  for (const { name, path } of blobs) {
    if ((await digestOfFile(path)) === name) whole.add(name);
    else damaged.push({ path, problem: "its bytes are not what its name says" });
  }
  const entries = filesOf(dir, "ac");
  for (const { path } of entries) {
    const entry = readEntry(path);
    const missing = entry && entry.outputs.find((output) => isMissing(output, entry, whole));
    if (!entry) damaged.push({ path, problem: "it is not what was written" });
    else if (missing) damaged.push({ path, problem: `the bytes of ${missing.path} are not in the store` });
  }
  if (repair) for (const { path } of damaged) setAside(dir, path);
  return { entries: entries.length, blobs: blobs.length, damaged };
}

function isMissing(
  output: ResultEntry["outputs"][number],
  entry: ResultEntry,
  whole: ReadonlySet<string>,
): boolean {
  return output.kind === "file" && !entry.inline.has(output.digest) && !whole.has(output.digest);
}

function blobsNamedBy(path: string): string[] {
  const entry = readEntry(path);
  if (!entry) return [];
  const files = entry.outputs.filter(({ kind, digest }) => kind === "file" && !entry.inline.has(digest));
  return [...new Set(files.map(({ digest }) => digest))];
}

/** Null for everything that a lookup would refuse. */
function readEntry(path: string): ResultEntry | null {
  try {
    const bytes = readOrNull(path);
    return bytes && decodeEntry(basename(path), bytes);
  } catch {
    return null;
  }
}

type Section = "ac" | "cas" | "quarantine";

function filesOf(dir: string, section: Section): StoredFile[] {
  return everyFile(dir, section).filter(({ name }) => !isTemporary(name));
}

/** What a killed process was about to write. */
function leftovers(dir: string): StoredFile[] {
  return [...everyFile(dir, "ac"), ...everyFile(dir, "cas")].filter(({ name }) => isTemporary(name));
}

function isTemporary(name: string): boolean {
  return name.endsWith(".tmp") || name.startsWith("tmp-");
}

function everyFile(dir: string, section: Section): StoredFile[] {
  const top = listed(join(dir, section));
  const below =
    section === "quarantine"
      ? []
      : top.flatMap((name) => listed(join(dir, section, name)).map((file) => `${name}/${file}`));
  return [...top, ...below].flatMap((relative) => {
    const path = join(dir, section, relative);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) return [];
    const usedMs = Math.max(stat.atimeMs, stat.mtimeMs);
    return [{ name: relative.slice(relative.indexOf("/") + 1), path, sizeBytes: stat.size, usedMs }];
  });
}

function listed(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function sizeOf(files: readonly StoredFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** False when it is gone already or cannot be removed. */
function remove({ path }: StoredFile): boolean {
  try {
    rmSync(path);
    return true;
  } catch {
    return false;
  }
}
