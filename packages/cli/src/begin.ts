import type { Outside } from "./command.ts";
import type { HotOutcome } from "./hot/hot-outcome.ts";
import { plainStream } from "./plain-stream.ts";
import { endOnSignals, outsideOf } from "./process-outside.ts";

type Look = (argv: readonly string[], outside: Outside, onStart: () => void) => Promise<HotOutcome | null>;

export interface Begun {
  /** True: all was told without the program proper. */
  told: boolean;
  /** Of a told run: which functions it called that others do not. One bit. */
  way: number;
}

const ways = { told: 1, ran: 2, restored: 4 } as const;

/**
 * What an earlier run of the same words has seen is used first, as far as nobody has touched it since. All else is handed
 * over to the program proper, with what was found on the way.
 *
 * @param look finds an answer; it calls `onStart` before it starts what a signal has to stop
 */
export function begin(argv: readonly string[], look: Look): Begun {
  const begun = { told: false, way: ways.told };
  void carryOn(argv, look, begun);
  return begun;
}

async function carryOn(argv: readonly string[], look: Look, begun: Begun): Promise<void> {
  const interrupted = new AbortController();
  const stdout = plainStream(1, () => process.stdout);
  const stderr = plainStream(2, () => process.stderr);
  // `slipway … | head`: what still runs is stopped as by Ctrl-C.
  stdout.onClosed(() => interrupted.abort("stdout was closed"));
  const outside = outsideOf({ stdin: plainStream(0, () => process.stdin), stdout, stderr }, interrupted);
  let listening = false;
  // Until something is started that has to be stopped, a signal ends the process by itself.
  const listen = (): void => {
    if (!listening) endOnSignals(interrupted);
    listening = true;
  };
  const early = outside.cwd === "" ? null : await looked(() => look(argv, outside, listen), argv, outside);
  if (early?.kind === "told") {
    await Promise.all([stdout.drained(), stderr.drained()]);
    begun.told = true;
    begun.way = ways[early.way ?? "told"];
    process.exit(early.exit);
  }
  listen();
  const { main } = await import("./main.ts");
  await main(early, interrupted);
}

async function looked(
  look: () => Promise<HotOutcome | null>,
  argv: readonly string[],
  outside: Outside,
): Promise<HotOutcome | null> {
  try {
    return await look();
  } catch (error) {
    const { reportError } = await import("./report-error.ts");
    return { kind: "told", exit: reportError(error, argv, outside) };
  }
}
