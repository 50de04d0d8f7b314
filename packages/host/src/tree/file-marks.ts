import { readlinkSync, type Stats } from "node:fs";
import { digestOfFileNow } from "../store/digest-of-file-now.ts";
import { isSettled, statNumbers, type StatNumbers } from "./stamps.ts";
import { lookAt } from "./look-at.ts";

/** How a file was when it was last read: the mark holds as long as these do. */
export interface KnownFile {
  readonly stat: StatNumbers;
  readonly mark: string;
  /** True: it was read within the tick of its stamp, so that an equal stamp proves nothing. */
  readonly racy: boolean;
}

/** Of a file that nobody but somebody else may read: whatever it holds, it counts, and is not known. */
export const unreadableMark = "unreadable";

/** Marks of files by path, each read once as long as nothing about the file changes. */
export class FileMarks {
  readonly #root: string;
  readonly #known = new Map<string, KnownFile>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Null when the file is not there, or is no file: a directory, a socket. */
  mark(path: string): string | null {
    const stat = lookAt(`${this.#root}/${path}`);
    if (!stat) return null;
    const known = this.#known.get(path);
    if (known && !known.racy && isSame(stat, known.stat)) return known.mark;
    return this.#read(path, stat);
  }

  /** What is known of a file that was asked for. */
  known(path: string): KnownFile | undefined {
    return this.#known.get(path);
  }

  #read(path: string, stat: Stats): string | null {
    const readMs = Date.now();
    const mark = markOf(`${this.#root}/${path}`, stat);
    if (mark === null) return null;
    const racy = !isSettled(stat, readMs);
    this.#known.set(path, { stat: statNumbers(stat), mark, racy });
    return mark;
  }
}

function isSame(stat: Stats, [mtimeMs, ctimeMs, sizeBytes, inode, mode]: StatNumbers): boolean {
  return (
    stat.mtimeMs === mtimeMs &&
    stat.ctimeMs === ctimeMs &&
    stat.size === sizeBytes &&
    stat.ino === inode &&
    stat.mode === mode
  );
}

function markOf(path: string, stat: Stats): string | null {
  try {
    if (stat.isSymbolicLink()) return `link:${readlinkSync(path)}`;
    if (!stat.isFile()) return null;
    const digest = digestOfFileNow(path, stat.size);
    return stat.mode & 0o100 ? `${digest}:x` : digest;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It went away since it was listed: the same as not there.
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    if (code === "EACCES" || code === "EPERM") return unreadableMark;
    throw error;
  }
}
