import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Text files below one directory, by relative path with forward slashes. */
export interface TextFiles {
  /** Null: no such file. */
  read(path: string): Promise<string | null>;
  /** In one step: a reader sees the old text or the new one. Modes stay; a symbolic link stays one. */
  replace(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
}

export function textFiles(root: string): TextFiles {
  return {
    read: (path) => readText(join(root, path)),
    replace: (path, text) => replaceText(join(root, path), text),
    remove: (path) => rm(join(root, path), { force: true }),
  };
}

/** Null when there is no such file. */
export async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
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
