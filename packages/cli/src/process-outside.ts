import { getEventListeners } from "node:events";
import type { Outside } from "./command.ts";
import { terminalOf } from "./terminal.ts";

interface StandardStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** What this process has for a command, and the controller that ends it. */
export function outsideOf(
  streams: { readonly stdin: { readonly isTTY?: boolean } } & Record<"stdout" | "stderr", StandardStream>,
  interrupted: AbortController,
): Outside {
  return {
    cwd: hereOrNothing(),
    env: process.env,
    terminal: terminalOf(streams, process.env),
    signal: interrupted.signal,
    answer: (text) => void streams.stdout.write(`${text}\n`),
    say: (text) => void streams.stderr.write(`${text}\n`),
  };
}

/** Empty when the directory that this process stands in is not there any more: a branch or a work tree was left. */
function hereOrNothing(): string {
  try {
    return process.cwd();
  } catch {
    return "";
  }
}

/**
 * The first signal asks; when nobody listens, and the second time always, the end comes at once. Ctrl-\ never asks; but
 * tasks are in groups of their own, where the terminal's signal does not reach them, so it must not end this process alone.
 */
export function endOnSignals(interrupted: AbortController): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      const heard = getEventListeners(interrupted.signal, "abort").length > 0;
      if (interrupted.signal.aborted || !heard) process.exit(130);
      interrupted.abort(signal);
    });
  }
  process.on("SIGQUIT", () => process.exit(130));
}

/** All that was written has left this process, or nobody takes it. `drain` alone comes only after a write that was told to wait. */
export function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else stream.once("close", resolve).write("", () => resolve());
  });
}
