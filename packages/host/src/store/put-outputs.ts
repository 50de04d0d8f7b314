import { hash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeSync,
  type Stats,
} from "node:fs";
import { digestOfFileNow } from "./digest-of-file-now.ts";
import { stampOf } from "../tree/stamps.ts";
import type { EntryOutput } from "./result-entry.ts";
import { lookAt } from "../tree/look-at.ts";

/** An output with bytes that were verified: in memory, or in a staged file of ours that nobody else writes. */
export interface ReadyOutput {
  readonly output: EntryOutput;
  readonly bytes: Uint8Array | { readonly stagedAt: string } | null;
}

export interface PutOutput extends EntryOutput {
  readonly stamp: string;
  /** Nothing stood there before. */
  readonly made: boolean;
}

export type PutOutputs =
  | { readonly ok: true; readonly outputs: readonly PutOutput[] }
  | { readonly ok: false; readonly message: string };

/**
 * Writes verified outputs into the work tree. A file that already is what it should be is not touched. A directory on
 * the way that is a symbolic link would lead out of the outputs: then nothing is written. Nor is anything removed that
 * stands in the way: what the task itself had made is gone by now, and the rest is somebody's.
 */
export function putOutputs(root: string, ready: readonly ReadyOutput[]): PutOutputs {
  const dirs = new Set<string>([""]);
  try {
    for (const { output } of ready) {
      const problem = makeWay(root, parentOf(output.path), dirs);
      if (problem) return { ok: false, message: problem };
    }
    const outputs = ready.map((one) => ({ ...one.output, ...putOne(root, one) }));
    return { ok: true, outputs };
  } catch (error) {
    return { ok: false, message: `outputs could not be written: ${(error as Error).message}` };
  }
}

function putOne(root: string, { output, bytes }: ReadyOutput): Pick<PutOutput, "stamp" | "made"> {
  const path = `${root}/${output.path}`;
  if (bytes instanceof Uint8Array) {
    const stat = writeNew(path, bytes, output);
    if (stat) return { stamp: stampOf(stat), made: true };
  }
  const there = lookAt(path);
  if (there && isAlready(path, there, output)) {
    return { stamp: stampOf(withMode(path, there, output)), made: false };
  }
  if (there?.isDirectory()) removeEmpty(path, output.path);
  // Never written through: the old file may be a link, or be shared with another name.
  else if (there) rmSync(path, { force: true });
  if (output.kind === "link") symlinkSync(output.target ?? "", path);
  else if (bytes && "stagedAt" in bytes) moveFile(bytes.stagedAt, path);
  else writeNew(path, bytes ?? new Uint8Array(), output);
  const stat = lstatSync(path);
  const isStaged = bytes !== null && "stagedAt" in bytes;
  return { stamp: stampOf(isStaged ? withMode(path, stat, output) : stat), made: !there };
}

/** Null when something stands there already. */
function writeNew(path: string, bytes: Uint8Array, { executable }: EntryOutput): Stats | null {
  let file: number;
  try {
    file = openSync(path, "wx", executable ? 0o777 : 0o666);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return null;
    throw error;
  }
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    return fstatSync(file);
  } finally {
    closeSync(file);
  }
}

function isAlready(path: string, stat: Stats, { kind, digest, sizeBytes }: EntryOutput): boolean {
  if (kind === "link") return stat.isSymbolicLink() && hash("sha256", readlinkSync(path), "hex") === digest;
  return stat.isFile() && stat.size === sizeBytes && digestOfFileNow(path, sizeBytes) === digest;
}

function withMode(path: string, stat: Stats, { kind, executable }: EntryOutput): Stats {
  if (kind === "link" || ((stat.mode & 0o100) !== 0) === executable) return stat;
  const mode = stat.mode & 0o777;
  // Who may read may execute, as a fresh file with the usual umask has it.
  chmodSync(path, executable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111);
  return lstatSync(path);
}

function moveFile(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    copyFileSync(from, to);
    unlinkSync(from);
  }
}

/** Makes the directory and those above it; a sentence when something else stands in the way. */
function makeWay(root: string, dir: string, dirs: Set<string>): string | null {
  if (dirs.has(dir)) return null;
  const above = makeWay(root, parentOf(dir), dirs);
  if (above) return above;
  const path = `${root}/${dir}`;
  const stat = lookAt(path) ?? (makesDirectory(path) ? null : lstatSync(path));
  if (stat?.isSymbolicLink()) return `${dir} is a symbolic link; outputs are not written through it`;
  if (stat && !stat.isDirectory()) return `${dir} is a file that stands in the way of the outputs`;
  dirs.add(dir);
  return null;
}

/** False when another thread or run has put something there since it was looked for. */
function makesDirectory(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function removeEmpty(path: string, name: string): void {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) removeEmpty(`${path}/${entry.name}`, name);
    }
    rmdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
    throw new Error(`${name} is a directory with files that are not the task's`, { cause: error });
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
