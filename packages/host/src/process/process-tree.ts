import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/**
 * All living processes that came from `leader`, itself included: its descendants, and those of the process group and
 * session that were made for it, whose parent may have ended before them.
 */
export function processTree(leader: number): number[] {
  return treeIn(processRows(), leader);
}

/** All processes there are, to find several trees in one look. */
export function processRows(): readonly ProcessRow[] {
  return process.platform === "linux" ? linuxRows() : portableRows();
}

export function treeIn(rows: readonly ProcessRow[], leader: number): number[] {
  const found = new Set<number>();
  for (const { pid, group, session } of rows) {
    if (pid === leader || group === leader || session === leader) found.add(pid);
  }
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const { pid, parent } of rows) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** Sends a signal to every process of the tree; those that ended meanwhile are no problem. */
export function signalTree(leader: number, signal: NodeJS.Signals): void {
  for (const pid of processTree(leader)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended, or belongs to somebody else.
    }
  }
}

/** `/proc/PID/stat`: the name in parentheses may hold anything, so fields count from the last one. */
function linuxRows(): ProcessRow[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const text = readFileSync(`/proc/${name}/stat`, "latin1");
      const [state, parent, group, session] = text.slice(text.lastIndexOf(")") + 2).split(" ");
      if (state === "Z" || state === "X") return [];
      return [{ pid: Number(name), parent: Number(parent), group: Number(group), session: Number(session) }];
    } catch {
      return [];
    }
  });
}

/** macOS has no session column that numbers sessions; the group and the descendants have to do. */
function portableRows(): ProcessRow[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,pgid=,stat="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const [pid, parent, group, state = "Z"] = line.trim().split(/\s+/);
    if (!pid || state.startsWith("Z")) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), session: Number.NaN }];
  });
}
