import type { ExitStatus } from "@slipway/kernel";
import type { Outside } from "./command.ts";
import { dispatch } from "./dispatch.ts";
import type { HotOutcome } from "./hot/hot-outcome.ts";
import { drained, outsideOf } from "./process-outside.ts";

const argv = process.argv.slice(2);

/**
 * @param early what was found out before this was loaded
 * @param interrupted signals abort it
 */
export async function main(early: HotOutcome | null, interrupted: AbortController): Promise<never> {
  quietWhenNobodyReads(interrupted);
  const status = await ended({ ...outsideOf(process, interrupted), early });
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  process.exit(status);
}

async function ended(outside: Outside): Promise<ExitStatus> {
  try {
    return await dispatch(argv, outside);
  } catch (error) {
    const { reportError } = await import("./report-error.ts");
    return reportError(error, argv, outside);
  }
}

/** `slipway … | head`: what still runs is stopped as by Ctrl-C, and nothing is said about it. */
function quietWhenNobodyReads(interrupted: AbortController): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      if (stream === process.stdout) interrupted.abort("stdout was closed");
    });
  }
}
