import type { ExitStatus } from "@slipway/kernel";
import { inOwnWords } from "../flags/peers.ts";
import { hotJourney } from "../hot/hot-journey.ts";
import type { RunContext } from "./run-context.ts";
import { runReporter } from "./run-reporter.ts";

/** `slipway run`: when nothing happened since the same words were run, that is said; else they are run anew. */
export async function runTasks(context: RunContext): Promise<ExitStatus> {
  const flags = inOwnWords(context.options, context.given);
  if (flags.last) {
    const { showLastRun } = await import("./show-last-run.ts");
    return showLastRun(flags["cache-dir"], flags.json, context);
  }
  if (flags.otlp !== undefined) {
    // What is wrong with it is said before anything runs, not after it.
    const { tracesUrl } = await import("../wire/collector-address.ts");
    tracesUrl(flags.otlp);
  }
  if (flags.watch && !flags.plan) {
    const { watchTasks } = await import("./watch/watch-tasks.ts");
    return watchTasks(flags, context);
  }
  if (flags.audit && !flags.plan) {
    const { auditTasks } = await import("./audit/audit-tasks.ts");
    return auditTasks(flags, context);
  }
  const outcome =
    context.early ?? (await hotJourney(flags, (tasks) => runReporter(tasks, flags, context), context));
  if (outcome.kind === "told") return outcome.exit;
  if (outcome.known) {
    const { runKnown } = await import("./run-known.ts");
    const exit = await runKnown(flags, context, outcome);
    if (exit !== null) return exit;
  }
  const { runAnew } = await import("./run-anew.ts");
  return runAnew(flags, context, outcome);
}
