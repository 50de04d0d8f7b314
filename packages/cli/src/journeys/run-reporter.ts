import type { Outside } from "../command.ts";
import { prefixOf, type peerFlags } from "../flags/peers.ts";
import type { carryingOutFlags } from "../flags/run.ts";
import type { Values } from "../command.ts";
import { reporterFor } from "../report/run/reporter-for.ts";
import type { OutputLogs, ReportedTask, Reporter } from "../report/run/reporter.ts";
import { sinceStartMs } from "../since-start.ts";

export type ReportingFlags = Values<typeof carryingOutFlags & typeof peerFlags> & { readonly json: boolean };

/** Shows a run as its flags want it. */
export function runReporter(
  tasks: readonly ReportedTask[],
  flags: ReportingFlags,
  outside: Pick<Outside, "answer" | "say" | "terminal">,
): Reporter {
  return reporterFor({
    outside,
    json: flags.json,
    tasks,
    // The parser let only the choices of these flags through.
    outputLogs: (flags["output-logs"] as OutputLogs | undefined) ?? null,
    logOrder: flags["log-order"] as "auto" | "stream" | "grouped",
    prefix: prefixOf(flags),
    now: sinceStartMs,
  });
}
