import { readFileSync } from "node:fs";
import { processRows, treeIn } from "./process-tree.ts";

export interface Held {
  readonly nowBytes: number;
  readonly peakBytes: number;
}

const everyMs = 500;

/**
 * What the processes of running tasks hold, sampled from /proc: resident memory of each whole tree. Memory that several
 * processes share counts for each, so it is rather too much than too little. Tasks shorter than a sample are not seen.
 * Only Linux says these things; elsewhere nothing is known.
 */
export class TaskMemory {
  readonly #leaders = new Map<number, string>();
  readonly #held = new Map<string, Held>();
  #timer: NodeJS.Timeout | null = null;

  /** @param leader pid of a process group that was made for the task */
  track(id: string, leader: number): void {
    if (process.platform !== "linux") return;
    this.#leaders.set(leader, id);
    this.#timer ??= setInterval(() => this.sample(), everyMs).unref();
  }

  untrack(leader: number): void {
    this.#leaders.delete(leader);
    if (this.#leaders.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  heldBy(id: string): Held | null {
    return this.#held.get(id) ?? null;
  }

  /** Looks now; the timer does it too. */
  sample(): void {
    const rows = processRows();
    const now = new Map<string, { bytes: number; highest: number }>();
    for (const [leader, id] of this.#leaders) {
      const sum = now.get(id) ?? { bytes: 0, highest: 0 };
      for (const pid of treeIn(rows, leader)) {
        const { residentBytes, highestBytes } = memoryOf(pid);
        sum.bytes += residentBytes;
        sum.highest = Math.max(sum.highest, highestBytes);
      }
      now.set(id, sum);
    }
    for (const [id, { bytes, highest }] of now) {
      const peakBytes = Math.max(this.#held.get(id)?.peakBytes ?? 0, bytes, highest);
      this.#held.set(id, { nowBytes: bytes, peakBytes });
    }
  }
}

/** Zero for what has ended, or belongs to somebody else. */
function memoryOf(pid: number): { readonly residentBytes: number; readonly highestBytes: number } {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "latin1");
    return { residentBytes: kilobytes(text, "VmRSS"), highestBytes: kilobytes(text, "VmHWM") };
  } catch {
    return { residentBytes: 0, highestBytes: 0 };
  }
}

/** Memory that new processes may take: of the machine, or of the container where that has less. Null: not known. */
export function availableBytes(): number | null {
  if (process.platform !== "linux") return null;
  try {
    const machine = kilobytes(readFileSync("/proc/meminfo", "latin1"), "MemAvailable");
    return Math.min(machine, containerBytes() ?? machine);
  } catch {
    return null;
  }
}

/** Null without a limit. What the kernel keeps of files only for speed is as good as free. Source: kernel.org, cgroup-v2. */
function containerBytes(): number | null {
  const dir = "/sys/fs/cgroup";
  try {
    const max = Number(readFileSync(`${dir}/memory.max`, "latin1"));
    if (!Number.isFinite(max)) return null;
    const used = Number(readFileSync(`${dir}/memory.current`, "latin1"));
    const stat = readFileSync(`${dir}/memory.stat`, "latin1");
    const files = ["active_file", "inactive_file"].map((name) => Number(lineOf(stat, name)));
    return Math.max(0, max - used + files.reduce((sum, bytes) => sum + bytes, 0));
  } catch {
    return null;
  }
}

function lineOf(text: string, name: string): string {
  return new RegExp(`^${name}:?\\s+(\\d+)`, "m").exec(text)?.[1] ?? "0";
}

function kilobytes(text: string, name: string): number {
  return Number(lineOf(text, name)) * 1024;
}
