import { spawn } from "node:child_process";

export interface BoundedRun {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /**
   * What it reads; nothing when not said. When this process is killed meanwhile the program goes on alone, with as much
   * of it as was written.
   */
  readonly input?: string;
  /** Of each stream; what comes after is dropped. */
  readonly outputBytesMax?: number;
}

export interface BoundedResult {
  /** Null: ended by a signal or by the time limit. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program; when its time is up it goes with everything that it started. */
export function runBounded(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs, input = "", outputBytesMax = 1024 * 1024 }: BoundedRun,
): Promise<BoundedResult> {
  return new Promise((resolve) => {
    // A group of its own, so that the signal reaches what it started, and Ctrl-C does not reach it twice.
    const child = spawn(command, args, {
      cwd,
      env: { ...env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    // A program that does not read is no fault of whoever writes.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const out = collected(child.stdout, outputBytesMax);
    const err = collected(child.stderr, outputBytesMax);
    let timedOut = false;
    const killGroup = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // The group is gone already.
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup();
    }, timeoutMs);
    process.once("exit", killGroup);
    let ended = false;
    const end = (exitCode: number | null, fault = ""): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      process.removeListener("exit", killGroup);
      // Left-over children would hold the pipes open for ever.
      killGroup();
      resolve({ exitCode, timedOut, stdout: out(), stderr: err() + fault });
    };
    child.on("error", (error) => end(127, error.message));
    child.on("exit", (code) => {
      const exitCode = timedOut ? null : code;
      const late = setTimeout(() => end(exitCode), 500);
      child.on("close", () => {
        clearTimeout(late);
        end(exitCode);
      });
    });
  });
}

function collected(stream: NodeJS.ReadableStream, bytesMax: number): () => string {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  stream.on("data", (chunk: Buffer) => {
    if (sizeBytes < bytesMax) chunks.push(chunk.subarray(0, bytesMax - sizeBytes));
    sizeBytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}
