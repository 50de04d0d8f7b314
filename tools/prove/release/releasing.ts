import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
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
  /** All that was printed. */
  readonly said: string;
}

export interface Releasing {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

const runMsMax = 120_000;

export function start([file, ...args]: readonly [string, ...string[]], clone: string): Releasing {
  const child = spawn(file, args, { cwd: clone, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said = (said + chunk.toString("utf8")).slice(-20_000)));
  const ended = new Promise<Ended>((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), runMsMax);
    // Not `close`: what it started may hold the pipes for a while after a kill.
    child.once("exit", (exit) => {
      clearTimeout(timer);
      setImmediate(() => resolve({ exit, said }));
    });
  });
  return { child, ended };
}

export async function freePort(): Promise<number> {
  const listening = await new FaultRegistry().listen();
  await listening.close();
  return Number(new URL(listening.url).port);
}
