import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { FaultRegistry } from "../../../packages/testkit/src/index.ts";

const cli = join(import.meta.dirname, "../../../packages/cli");
const { bin } = JSON.parse(readFileSync(join(cli, "package.json"), "utf8")) as { bin: { slipway: string } };

/** `slipway release --from SEALED --yes --json` as it is built, as a program and its arguments. */
export function releaseCommand(sealed: string): readonly [string, ...string[]] {
  return [process.execPath, join(cli, bin.slipway), "release", "--from", sealed, "--yes", "--json"];
}

export interface Ended {
  /** Null: by a signal. */
  readonly exit: number | null;
  /** It did not end, and was killed. */
  readonly hung: boolean;
  /** All that was printed. */
  readonly said: string;
}

export interface Releasing {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

const runMsMax = 120_000;

export function start([file, ...args]: readonly [string, ...string[]], clone: string): Releasing {
  // A group of its own: who traces it may be killed alone, and leave it running.
  const child = spawn(file, args, { cwd: clone, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said = (said + chunk.toString("utf8")).slice(-20_000)));
  const ended = new Promise<Ended>((resolve) => {
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, runMsMax);
    // Not `close`: what it started may hold the pipes for a while after a kill.
    child.once("exit", (exit) => {
      clearTimeout(timer);
      const gone = hung && child.pid !== undefined ? groupGone(child.pid) : Promise.resolve();
      void gone.then(() => setImmediate(() => resolve({ exit, hung, said })));
    });
  });
  return { child, ended };
}

/** A kill is not the end yet: who was traced may live for a moment after its tracer, and hold its lock. */
async function groupGone(group: number): Promise<void> {
  try {
    for (let looks = 0; looks < 500; looks++) {
      process.kill(-group, 0);
      await pause(20);
    }
  } catch {
    // Nobody is in it any more.
  }
}

export async function freePort(): Promise<number> {
  const listening = await new FaultRegistry().listen();
  await listening.close();
  return Number(new URL(listening.url).port);
}
