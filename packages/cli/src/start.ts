// The entry, bundled into one file of its own: what an earlier run of the same words has seen is used from here, as far as
// nobody has touched it since. All else is handed over to the program proper, with what was found on the way.
import type { HotOutcome } from "./hot/hot-outcome.ts";
import { lookEarly } from "./hot/look-early.ts";
import { plainStream } from "./plain-stream.ts";
import { endOnSignals, outsideOf } from "./process-outside.ts";

const argv = process.argv.slice(2);
const interrupted = new AbortController();
const stdout = plainStream(1, () => process.stdout);
const stderr = plainStream(2, () => process.stderr);
// `slipway … | head`: what still runs is stopped as by Ctrl-C.
stdout.onClosed(() => interrupted.abort("stdout was closed"));
const outside = outsideOf({ stdin: plainStream(0, () => process.stdin), stdout, stderr }, interrupted);
let listening = false;

void start();

async function start(): Promise<void> {
  const early = await looked();
  if (early?.kind === "told") {
    await Promise.all([stdout.drained(), stderr.drained()]);
    process.exit(early.exit);
  }
  listen();
  const { main } = await import("./main.ts");
  await main(early, interrupted);
}

/** Until something is started that has to be stopped, a signal ends the process by itself. */
function listen(): void {
  if (!listening) endOnSignals(interrupted);
  listening = true;
}

async function looked(): Promise<HotOutcome | null> {
  try {
    return await lookEarly(argv, outside, listen);
  } catch (error) {
    const { reportError } = await import("./report-error.ts");
    return { kind: "told", exit: reportError(error, argv, outside) };
  }
}
