import { hash, randomUUID } from "node:crypto";
import { constants, copyFileSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ensureDir } from "../ensure-dir.ts";
import { digestOfFile } from "./digest-of-file.ts";
import { markUsed } from "./mark-used.ts";

/**
 * Content-addressed files: the name of each is the SHA-256 of its bytes. A file is written under another name and then
 * renamed, so that what has its final name is whole, also after a kill or beside another process that writes it too.
 */
export class BlobStore {
  readonly #dir: string;

  /** @param dir absolute; made when the first blob is written */
  constructor(dir: string) {
    this.#dir = dir;
  }

  path(digest: string): string {
    return `${this.#dir}/cas/${digest.slice(0, 2)}/${digest}`;
  }

  has(digest: string, sizeBytes: number): boolean {
    return statSync(this.path(digest), { throwIfNoEntry: false })?.size === sizeBytes;
  }

  put(digest: string, bytes: Uint8Array): void {
    const path = this.path(digest);
    if (this.has(digest, bytes.length)) {
      markUsed(path, Date.now());
      return;
    }
    writeAtomically(path, (temporary) => writeFileSync(temporary, bytes, { mode: 0o444 }));
  }

  /** Takes a large file without reading it into memory. The copy is what gets its name, so the copy is hashed. */
  async putFile(source: string): Promise<string> {
    const temporary = `${this.#dir}/cas/tmp-${randomUUID()}`;
    ensureDir(dirname(temporary));
    try {
      copyFileSync(source, temporary, constants.COPYFILE_FICLONE);
      const digest = await digestOfFile(temporary);
      ensureDir(dirname(this.path(digest)));
      renameSync(temporary, this.path(digest));
      return digest;
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  /** Gives a blob its place when `write` has written it, verified, to the path that it is given. */
  async take(digest: string, write: (path: string) => Promise<boolean>): Promise<boolean> {
    const temporary = `${this.#dir}/cas/tmp-${randomUUID()}`;
    ensureDir(dirname(temporary));
    try {
      if (!(await write(temporary))) return false;
      ensureDir(dirname(this.path(digest)));
      renameSync(temporary, this.path(digest));
      return true;
    } finally {
      rmSync(temporary, { force: true });
    }
  }

  /** False when it is not there, or other bytes stand under that name. */
  async isWhole(digest: string): Promise<boolean> {
    try {
      return (await digestOfFile(this.path(digest))) === digest;
    } catch {
      return false;
    }
  }

  /** The bytes, verified; `damaged` when something else stands under that name. */
  read(digest: string): Uint8Array | "damaged" | null {
    const bytes = readOrNull(this.path(digest));
    if (!bytes) return null;
    return hash("sha256", bytes, "hex") === digest ? bytes : "damaged";
  }

  /** Copies a large blob to a place of the caller's and verifies that copy. */
  async stage(digest: string, to: string): Promise<"ok" | "damaged" | "none"> {
    try {
      ensureDir(dirname(to));
      copyFileSync(this.path(digest), to, constants.COPYFILE_FICLONE);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "none";
      throw error;
    }
    return (await digestOfFile(to)) === digest ? "ok" : "damaged";
  }

  /** Takes a damaged blob out of the way; it is kept for a look. */
  setAside(digest: string): void {
    setAside(this.#dir, this.path(digest));
  }
}

export function writeAtomically(path: string, write: (temporary: string) => void): void {
  const temporary = `${path}.${process.pid}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    try {
      write(temporary);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      ensureDir(dirname(path));
      write(temporary);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Moves a file of the store into its quarantine. Another process may have been faster. */
export function setAside(storeDir: string, path: string): void {
  const target = `${storeDir}/quarantine/${Date.now()}-${path.slice(path.lastIndexOf("/") + 1)}`;
  try {
    ensureDir(dirname(target));
    renameSync(path, target);
  } catch {
    // It cannot be kept; then at least it must not be found again.
    rmSync(path, { force: true });
  }
}

export function readOrNull(path: string): Buffer | null {
  // Asked first, because an error is made much slower than an answer.
  if (!statSync(path, { throwIfNoEntry: false })) return null;
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}
