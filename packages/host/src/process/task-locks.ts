import {
  appendFileSync,
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { hash, randomUUID } from "node:crypto";
import { ensureDir } from "../ensure-dir.ts";
import { isAlive } from "../process-identity.ts";
import { processTree, signalTree } from "./process-tree.ts";

const pollMs = 40;
const writingMsMax = 1000;

/** `heldBy` null: a process that has not said yet who it is. */
export type TakenTask = { readonly release: () => void } | { readonly heldBy: number | null };

/** A pid alone may be given again. */
interface Named {
  readonly pid: number;
  readonly born: string;
}

/**
 * Tasks of one work tree that are being carried out, by this process or another: one file each, which only one process can
 * make. Its first line names that process, the others what it has started for the task. What a killed process left holds
 * nobody up: its file goes, and what it had started ends, since it would write among the outputs of the next.
 */
export class TaskLocks {
  readonly dir: string;
  readonly #held = new Set<string>();
  #self: string | null = null;

  /** @param dir absolute; made when the first task is taken */
  constructor(dir: string) {
    this.dir = dir;
  }

  /** Takes a task, or says which process has it. A state that cannot be written locks nothing. */
  take(id: string): TakenTask {
    const path = this.#pathOf(id);
    for (;;) {
      if (this.#made(path)) {
        this.#held.add(path);
        return { release: () => this.#release(path) };
      }
      const text = textOf(path);
      const [holder = null, ...started] = namesIn(text);
      if (isThere(holder) || isBeingWritten(path, text)) return { heldBy: holder?.pid ?? null };
      const [left] = started.filter(isLeft);
      if (left) {
        for (const { pid } of started.filter(isLeft)) signalTree(pid, "SIGKILL");
        return { heldBy: left.pid };
      }
      drop(path, text);
    }
  }

  /** Where the processes of a task that was taken are named, a line each; null when it is not taken. */
  fileOf(id: string): string | null {
    const path = this.#pathOf(id);
    return this.#held.has(path) ? path : null;
  }

  /** A process was started for a task that was taken. */
  started(id: string, pid: number): void {
    const path = this.#pathOf(id);
    if (!this.#held.has(path)) return;
    try {
      appendFileSync(path, lineOf(pid));
    } catch {
      // Without it a kill of this very process may leave that one running.
    }
  }

  /** True: nobody has taken it, not even one who is gone. */
  isFree(id: string): boolean {
    return statSync(this.#pathOf(id), { throwIfNoEntry: false }) === undefined;
  }

  /** Resolves when nobody holds the task any more, or when it is not to be waited for. */
  async free(id: string, giveUp: () => boolean): Promise<void> {
    const path = this.#pathOf(id);
    while (statSync(path, { throwIfNoEntry: false }) && !giveUp()) {
      const text = textOf(path);
      const [holder = null, ...started] = namesIn(text);
      if (!isThere(holder) && !isBeingWritten(path, text) && !started.some(isLeft)) return;
      await new Promise<void>((resolve) => {
        setTimeout(resolve, pollMs);
      });
    }
  }

  #release(path: string): void {
    this.#held.delete(path);
    try {
      unlinkSync(path);
    } catch {
      // Somebody has removed it.
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
      ensureDir(this.dir);
      this.#write(path);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== "EEXIST";
    }
    return true;
  }

  #write(path: string): void {
    const file = openSync(path, "wx");
    try {
      this.#self ??= lineOf(process.pid);
      writeSync(file, this.#self);
    } finally {
      closeSync(file);
    }
  }

  #pathOf(id: string): string {
    return `${this.dir}/${hash("sha256", id, "hex").slice(0, 32)}`;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function lineOf(pid: number): string {
  return `${JSON.stringify({ pid, born: bornAt(pid) } satisfies Named)}\n`;
}

/** A line that was cut off says nothing. */
function namesIn(text: string): readonly Named[] {
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as Named];
    } catch {
      return [];
    }
  });
}

function isThere(named: Named | null): boolean {
  return named !== null && isAlive(named.pid) && bornAt(named.pid) === named.born;
}

/** A process or what is left of its group: as long as there is one, its number is given to no other. */
function isLeft(named: Named): boolean {
  return isAlive(named.pid) ? isThere(named) : processTree(named.pid).length > 0;
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
