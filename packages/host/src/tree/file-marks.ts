import { hash } from "node:crypto";
import { lstatSync, readFileSync, readlinkSync, type Stats } from "node:fs";

/**
 * The kernel stamps files with the time of its last tick, 10 ms at most on the systems we run on. A file that was
 * read within the tick of its own stamp can change afterwards without its stamp telling.
 */
export const stampTickMs = 12;

/** How a file was when it was last read: the mark holds as long as these do. */
export interface KnownFile {
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly sizeBytes: number;
  readonly inode: number;
  readonly mode: number;
  readonly mark: string;
  /** True: it was read within the tick of its stamp, so that an equal stamp proves nothing. */
  readonly racy: boolean;
}

/** Marks of files by path, each read once as long as nothing about the file changes. */
export class FileMarks {
  readonly #root: string;
  readonly #known = new Map<string, KnownFile>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Null when the file is not there, or is no file: a directory, a socket. */
  mark(path: string): string | null {
    const stat = lstatSync(`${this.#root}/${path}`, { throwIfNoEntry: false });
    if (!stat) return null;
    const known = this.#known.get(path);
    if (known && !known.racy && isSame(stat, known)) return known.mark;
    return this.#read(path, stat);
  }

  #read(path: string, stat: Stats): string | null {
    const readMs = Date.now();
    const mark = markOf(`${this.#root}/${path}`, stat);
    if (mark === null) return null;
    const { mtimeMs, ctimeMs, size: sizeBytes, ino: inode, mode } = stat;
    const racy = Math.max(mtimeMs, ctimeMs) + stampTickMs >= readMs;
    this.#known.set(path, { mtimeMs, ctimeMs, sizeBytes, inode, mode, mark, racy });
    return mark;
  }
}

function isSame(stat: Stats, known: KnownFile): boolean {
  return (
    stat.mtimeMs === known.mtimeMs &&
    stat.ctimeMs === known.ctimeMs &&
    stat.size === known.sizeBytes &&
    stat.ino === known.inode &&
    stat.mode === known.mode
  );
}

function markOf(path: string, stat: Stats): string | null {
  try {
    if (stat.isSymbolicLink()) return `link:${readlinkSync(path)}`;
    if (!stat.isFile()) return null;
    const digest = hash("sha256", readFileSync(path), "hex");
    return stat.mode & 0o100 ? `${digest}:x` : digest;
  } catch (error) {
    // It went away since it was listed: the same as not there.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** What tells whether a file was touched: kept with recorded outputs and compared as a whole. */
export function stampOf(stat: Stats): string {
  return `${stat.mtimeMs}:${stat.ctimeMs}:${stat.size}:${stat.ino}:${stat.mode}`;
}
