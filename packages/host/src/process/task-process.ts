import { spawn, type ChildProcess } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import { Stopping } from "./stopping.ts";

export interface TaskProcessSpec {
  readonly line: string;
  /** Null: the system's `sh`. */
  readonly shell: string | null;
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onOutput: (stream: 1 | 2, text: string) => void;
  /** With the pid of the process group that was made for it, as soon as that is known. */
  readonly onStarted?: (pid: number) => void;
}

export interface TaskProcessEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly problem: string | null;
}

export interface TaskProcess {
  readonly ended: Promise<TaskProcessEnd>;
  stop(): void;
  kill(): void;
}

/** How long output is waited for when the process has ended but something that it left behind keeps the pipe open. */
const lingeringPipeMs = 300;

/** Starts a shell line in a process group and session of its own, so that all that comes from it can be ended. */
export function startTaskProcess(spec: TaskProcessSpec): TaskProcess {
  const child = spawn(spec.shell ?? "sh", ["-c", spec.line], {
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  decode(child.stdout, (text) => spec.onOutput(1, text));
  decode(child.stderr, (text) => spec.onOutput(2, text));
  const stopping = new Stopping(child);
  if (child.pid !== undefined) spec.onStarted?.(child.pid);
  return {
    ended: endOf(child, stopping),
    stop: () => stopping.stop(),
    kill: () => stopping.kill(),
  };
}

/** How a process ended, once its output has come and what was asked to stop is gone. */
export async function endOf(child: ChildProcess, stopping: Stopping): Promise<TaskProcessEnd> {
  // `close` may come in the same moment as `exit`: who asks for it only then has missed it.
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const end = await new Promise<TaskProcessEnd>((resolve) => {
    child.once("error", (error) => resolve({ exitCode: null, signal: null, problem: error.message }));
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal, problem: null }));
  });
  if (end.problem === null) {
    await closedSoon(closed, () => {
      for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    });
  }
  await stopping.finished();
  return end;
}

/**
 * Resolves when the streams of a task that has ended are closed. A server that the script left running keeps them open: it
 * is not ended, and not waited for.
 */
export async function closedSoon(closed: Promise<unknown>, letGo: () => void): Promise<void> {
  let isClosed = false;
  let turns = 0;
  const look = (): void => {
    if (isClosed) return;
    // This process may have been busy all the while: what has come is read first, then its end, then that is told.
    if (turns++ < 3) setImmediate(look);
    else letGo();
  };
  const timer = setTimeout(look, lingeringPipeMs);
  await closed;
  isClosed = true;
  clearTimeout(timer);
}

/** Pieces of a stream as text; a character that is split between two pieces comes with the second. */
export function decode(stream: NodeJS.ReadableStream | null, take: (text: string) => void): void {
  const decoder = new StringDecoder("utf8");
  stream?.on("data", (chunk: Buffer) => take(decoder.write(chunk)));
  stream?.once("end", () => take(decoder.end()));
}
