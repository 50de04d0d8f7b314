import { UserError } from "@slipway/kernel";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fsync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { chmod, mkdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

/** Text files below one directory, by relative path with forward slashes. */
export interface TextFiles {
  /** Null: no such file. */
  read(path: string): Promise<string | null>;
  /**
   * In one step: a reader sees the old text or the new one, also after a power cut. Modes stay; a symbolic link stays one.
   * What a killed process left beside the file is taken away by the next replacement.
   */
  replace(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Which files are there is on the disk, too, when this resolves. */
  settle(): Promise<void>;
}

export function textFiles(root: string): TextFiles {
  const touched = new Set<string>();
  return {
    // Thousands of small files: to wait for each would cost more than to read or write it. Only the disk is waited for.
    read: async (path) => readTextNow(join(root, path), path),
    replace: async (path, text) => {
      touched.add(dirname(await replaceForGood(join(root, path), text)));
    },
    remove: async (path) => {
      rmSync(join(root, path), { force: true });
      touched.add(dirname(join(root, path)));
    },
    settle: async () => {
      await Promise.all([...touched].map((folder) => settle(folder)));
      touched.clear();
    },
  };
}

async function settle(folder: string): Promise<void> {
  let descriptor: number;
  try {
    descriptor = openSync(folder, "r");
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  try {
    await synced(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function readTextNow(file: string, path: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw isFolder(error) ? folderThere(path) : error;
  }
}

function isFolder(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EISDIR";
}

function folderThere(file: string): UserError {
  const problem = { code: "workspace/unreadable" as const, message: `${file} is a folder`, file };
  return UserError.of([{ ...problem, hint: "a file is read and written here: rename the folder" }]);
}

/** Null when there is no such file. */
export async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw isFolder(error) ? folderThere(file) : error;
  }
}

/** @returns the file that was replaced: where a symbolic link leads */
async function replaceForGood(file: string, text: string): Promise<string> {
  const before = lstatSync(file, { throwIfNoEntry: false });
  const target = before?.isSymbolicLink() === true ? await followed(file) : file;
  const mode = before?.isSymbolicLink() === true ? await modeOf(target) : (before?.mode ?? null);
  // One name for each file, so that completing a run that was cut off here takes it over.
  const temporary = join(dirname(target), `.${basename(target)}.slipway.tmp`);
  const descriptor = openForWriting(temporary);
  try {
    writeFileSync(descriptor, text);
    if (mode !== null) fchmodSync(descriptor, mode & 0o777);
    await synced(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, target);
  return target;
}

const synced = promisify(fsync);

function openForWriting(file: string): number {
  try {
    return openSync(file, "w");
  } catch (error) {
    if (!isMissing(error)) throw error;
    mkdirSync(dirname(file), { recursive: true });
    return openSync(file, "w");
  }
}

/** A kill at any moment leaves the old text or the new one; what must outlive a power cut is written by replaceDurably. */
export async function replaceText(file: string, text: string): Promise<void> {
  const target = await followed(file);
  await mkdir(dirname(target), { recursive: true });
  const mode = await modeOf(target);
  // In the same directory: a rename across file systems would be a copy.
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await writeFile(temporary, text, { flag: "wx" });
    if (mode !== null) await chmod(temporary, mode);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function followed(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (isMissing(error)) return file;
    throw error;
  }
}

async function modeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).mode & 0o777;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}
