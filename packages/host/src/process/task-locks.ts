import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { createHash, randomUUID } from "node:crypto";
import { ensureDir } from "../ensure-dir.ts";
import { isAlive } from "../process-identity.ts";

const pollMs = 40;
const writingMsMax = 1000;

/** `heldBy` null: a process that has not said yet who it is. */
export type TakenTask = { readonly release: () => void } | { readonly heldBy: number | null };

/** Who holds a task: a pid alone may be given again. */
interface Holder {
  readonly pid: number;
  readonly born: string;
}

/**
 * Tasks of one work tree that are being carried out, by this process or another: one file each, which only one process can
 * make. A file that a killed process left behind holds nobody up.
 */
export class TaskLocks {
  readonly #dir: string;
  #self: string | null = null;

  /** @param dir absolute; made when the first task is taken */
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Takes a task, or says which process has it. A state that cannot be written locks nothing. */
  take(id: string): TakenTask {
    const path = this.#pathOf(id);
    for (;;) {
      if (this.#made(path)) return { release: () => rmSync(path, { force: true }) };
      const text = textOf(path);
      const holder = holderIn(text);
      if (isThere(holder) || isBeingWritten(path, text)) return { heldBy: holder?.pid ?? null };
      drop(path, text);
    }
  }

  /** Resolves when nobody holds the task any more, or when it is not to be waited for. */
  async free(id: string, giveUp: () => boolean): Promise<void> {
    const path = this.#pathOf(id);
    while (statSync(path, { throwIfNoEntry: false }) && !giveUp()) {
      const text = textOf(path);
      if (!isThere(holderIn(text)) && !isBeingWritten(path, text)) return;
      await new Promise<void>((resolve) => {
        setTimeout(resolve, pollMs);
      });
    }
  }

  #made(path: string): boolean {
    try {
      this.#write(path);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return false;
      if (code !== "ENOENT") return true;
    }
    try {
      ensureDir(this.#dir);
      this.#write(path);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== "EEXIST";
    }
    return true;
  }

  #write(path: string): void {
    const file = openSync(path, "wx");
    try {
      this.#self ??= JSON.stringify({ pid: process.pid, born: bornAt(process.pid) } satisfies Holder);
      writeSync(file, this.#self);
    } finally {
      closeSync(file);
    }
  }

  #pathOf(id: string): string {
    return `${this.#dir}/${createHash("sha256").update(id).digest("hex").slice(0, 32)}`;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function holderIn(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return null;
  }
}

function isThere(holder: Holder | null): boolean {
  return holder !== null && isAlive(holder.pid) && bornAt(holder.pid) === holder.born;
}

/** It has been made a moment ago and says nothing yet. */
function isBeingWritten(path: string, text: string): boolean {
  const madeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return text === "" && madeMs !== undefined && Date.now() - madeMs < writingMsMax;
}

/** When a process was started, in the kernel's ticks since the boot; empty where the system does not say. */
function bornAt(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** Moves what a dead process left out of the way; when another one was quicker and has it already, it keeps it. */
function drop(path: string, text: string): void {
  const aside = `${path}.${randomUUID().slice(0, 8)}`;
  try {
    renameSync(path, aside);
    if (textOf(aside) !== text) linkSync(aside, path);
  } catch {
    // Gone, or made anew by a third one.
  }
  rmSync(aside, { force: true });
}
