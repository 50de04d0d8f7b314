import { getEventListeners } from "node:events";
import type { ExitStatus } from "@slipway/kernel";
import type { Outside } from "./command.ts";
import { dispatch } from "./dispatch.ts";
import { terminalOf } from "./terminal.ts";

const argv = process.argv.slice(2);
const interrupted = new AbortController();
const outside: Outside = {
  cwd: process.cwd(),
  env: process.env,
  terminal: terminalOf(process, process.env),
  signal: interrupted.signal,
  answer: (text) => void process.stdout.write(`${text}\n`),
  say: (text) => void process.stderr.write(`${text}\n`),
};

quietWhenNobodyReads();
endOnSignals();
const status = await ended();
await Promise.all([drained(process.stdout), drained(process.stderr)]);
process.exit(status);

async function ended(): Promise<ExitStatus> {
  try {
    return await dispatch(argv, outside);
  } catch (error) {
    const { reportError } = await import("./report-error.ts");
    return reportError(error, argv, outside);
  }
}

/** `slipway … | head`: what still runs is stopped as by Ctrl-C, and nothing is said about it. */
function quietWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      if (stream === process.stdout) interrupted.abort("stdout was closed");
    });
  }
}

/** The first signal asks; when nobody listens, and the second time always, the end comes at once. */
function endOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      const heard = getEventListeners(interrupted.signal, "abort").length > 0;
      if (interrupted.signal.aborted || !heard) process.exit(130);
      interrupted.abort(signal);
    });
  }
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else stream.once("drain", resolve).once("error", () => resolve());
  });
}
