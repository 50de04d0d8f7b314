import type { ExitStatus } from "@slipway/kernel";
import type { Context, Values } from "../command.ts";
import { inOwnWords, type peerFlags } from "../flags/peers.ts";
import type { carryingOutFlags } from "../flags/run.ts";
import type { changeFlags, selectionFlags, sourceFlags } from "../flags/selection.ts";
import { hotJourney } from "../hot/hot-journey.ts";
import { runReporter } from "./run-reporter.ts";

export type Flags = Values<
  typeof selectionFlags & typeof changeFlags & typeof sourceFlags & typeof carryingOutFlags & typeof peerFlags
> & {
  readonly only: boolean;
  readonly "affected-by": string;
  readonly plan: boolean;
  readonly json: boolean;
  readonly summary: boolean;
  readonly last: boolean;
  readonly trace: string | undefined;
  readonly configuration: string | undefined;
};

export type RunContext = Omit<Context, "options"> & { readonly options: Flags };

/** `slipway run`: when nothing happened since the same words were run, that is said; else they are run anew. */
export async function runTasks(context: RunContext): Promise<ExitStatus> {
  const flags = inOwnWords(context.options, context.given);
  if (flags.last) {
    const { showLastRun } = await import("./show-last-run.ts");
    return showLastRun(flags["cache-dir"], flags.json, context);
  }
  const outcome = await hotJourney(flags, (tasks) => runReporter(tasks, flags, context), context);
  if (outcome.kind === "told") return outcome.exit;
  const { runAnew } = await import("./run-anew.ts");
  return runAnew(flags, context, outcome);
}
