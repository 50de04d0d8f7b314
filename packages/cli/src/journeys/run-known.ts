import { availableParallelism } from "node:os";
import { RestoreThread } from "@slipway/host";
import type { ExitStatus } from "@slipway/kernel";
import type { HotOutcome } from "../hot/hot-outcome.ts";
import type { HotRun } from "../hot/find-hot-run.ts";
import { openKnownRun } from "../hot/open-known-run.ts";
import { carryOutRun } from "./carry-out-run.ts";
import type { Flags, RunContext } from "./run-context.ts";
import { cacheRulesOf } from "./run-settings.ts";

/** With fewer files all is done before a second thread has started. Tests want it with few. */
const goneOutputsMin = 2000;
const goneOutputsName = "SLIPWAY_SECOND_THREAD_FROM";

/**
 * A run that goes on from what an earlier one of the same words left: its plan, and the tasks that nobody touched. Null
 * where more came or went than source files, so that the workspace has to be read.
 */
export async function runKnown(
  flags: Flags,
  context: RunContext,
  { request, startedMs, known: hot }: Extract<HotOutcome, { readonly kind: "run" }>,
): Promise<ExitStatus | null> {
  if (!hot) return null;
  const restoring = isMuch(hot, context.env) && cacheRulesOf(flags).local.read ? RestoreThread.start() : null;
  const opened = openKnownRun(hot, context.env);
  if (!opened) restoring?.end();
  if (!opened) return null;
  const known = { ...opened, restoring };
  const { head } = hot.state;
  const { said, askedNx } = hot.facts;
  for (const line of said) context.say(line);
  const anchors = head.anchors.map(([path]) => path);
  const start = { root: head.root, plan: known.plan, manager: known.manager, anchors, askedNx, said };
  return carryOutRun(start, flags, { ...context, request, startedMs, known });
}

function isMuch({ dirt }: HotRun, env: NodeJS.ProcessEnv): boolean {
  const min = Number(env[goneOutputsName] || goneOutputsMin);
  return dirt.outputs.size >= min && (availableParallelism() > 1 || goneOutputsName in env);
}
