import type { ExitStatus } from "@slipway/kernel";
import type { HotOutcome } from "../hot/hot-outcome.ts";
import { openKnownRun } from "../hot/open-known-run.ts";
import { carryOutRun } from "./carry-out-run.ts";
import type { Flags, RunContext } from "./run-context.ts";

/**
 * A run that goes on from what an earlier one of the same words left: its plan, and the tasks that nobody touched. Null
 * where more came or went than source files, so that the workspace has to be read.
 */
export async function runKnown(
  flags: Flags,
  context: RunContext,
  { request, startedMs, known: hot }: Extract<HotOutcome, { readonly kind: "run" }>,
): Promise<ExitStatus | null> {
  const known = hot && openKnownRun(hot, context.env);
  if (!known) return null;
  const { head } = hot.state;
  const { said, askedNx } = hot.facts;
  for (const line of said) context.say(line);
  const anchors = head.anchors.map(([path]) => path);
  const start = { root: head.root, plan: known.plan, manager: known.manager, anchors, askedNx, said };
  return carryOutRun(start, flags, { ...context, request, startedMs, known });
}
