import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

export interface Sample {
  readonly wallSeconds: number;
  /** User and system time of the process and all that it waited for. */
  readonly cpuSeconds: number;
  /** The largest resident set of any one process of the tree, as far as it was seen. */
  readonly peakMiB: number;
  readonly exitCode: number | null;
  /** Processors that others used meanwhile: a wall time under load says little. */
  readonly foreignCores: number;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const ticksPerSecond = 100;
const pollMs = 15;

/** Runs a command to its end and measures it (Linux). */
export async function measure({ program, args, cwd, env }: Command): Promise<Sample> {
  const before = { children: childTicks(), machine: machineTicks(), wall: performance.now() };
  const child = spawn(program, args, { cwd, env, stdio: "ignore" });
  let peakKiB = 0;
  const timer = setInterval(() => {
    if (child.pid !== undefined) peakKiB = Math.max(peakKiB, peakOf(child.pid));
  }, pollMs);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code));
  });
  clearInterval(timer);
  const wallSeconds = (performance.now() - before.wall) / 1000;
  const cpuSeconds = (childTicks() - before.children) / ticksPerSecond;
  const machineSeconds = (machineTicks() - before.machine) / ticksPerSecond;
  const foreignCores = Math.max(0, (machineSeconds - cpuSeconds) / wallSeconds);
  return { wallSeconds, cpuSeconds, peakMiB: peakKiB / 1024, exitCode, foreignCores };
}

/** Of this process's children that have ended: fields 16 and 17 of /proc/self/stat. */
function childTicks(): number {
  const text = readFileSync("/proc/self/stat", "latin1");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[13]) + Number(fields[14]);
}

/** All work of all processors: user, nice, system, irq, softirq and steal. */
function machineTicks(): number {
  const [, ...fields] = (readFileSync("/proc/stat", "latin1").split("\n")[0] ?? "").split(/\s+/);
  const [user = "0", nice = "0", system = "0", , , irq = "0", softirq = "0"] = fields;
  return [user, nice, system, irq, softirq].reduce((sum, each) => sum + Number(each), 0);
}

/** `VmHWM` is the process's own high-water mark, so that a late look still sees an early peak. */
function peakOf(pid: number): number {
  try {
    const own = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0);
    const inner = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "latin1").trim().split(" ").filter(Boolean),
    );
    return Math.max(own, ...inner.map((child) => peakOf(Number(child))));
  } catch {
    return 0;
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
