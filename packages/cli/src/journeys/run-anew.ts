import type { ExitStatus } from "@slipway/kernel";
import { planToJson } from "@slipway/plan";
import { join } from "node:path";
import type { HotOutcome } from "../hot/hot-outcome.ts";
import type { Flags, RunContext } from "./run-context.ts";
import { sharedCacheMissing } from "./run-settings.ts";

/**
 * A run from the words to the tasks' ends: the workspace is read and the run planned. What runs is loaded when something
 * is to run.
 */
export async function runAnew(flags: Flags, context: RunContext, start: Start): Promise<ExitStatus> {
  const { request, startedMs } = start;
  const said: string[] = [];
  const say = (line: string): void => {
    said.push(line);
    context.say(line);
  };
  const { askedWords, planTasks, tellSource } = await import("./plan-tasks.ts");
  const words = askedWords(flags, context);
  const { loadForTasks } = await import("../wire/load-for-tasks.ts");
  const loaded = await loadForTasks(context, flags);
  const plan = await planTasks(words, flags, { ...context, say, ...loaded });
  if (flags.plan) {
    if (flags.json) context.answer(JSON.stringify(planToJson(plan), null, 2));
    else {
      const { planText } = await import("../report/plan.ts");
      context.answer(planText(plan, context.terminal.color));
    }
    return 0;
  }
  tellSource(loaded, { say });
  const { sharedCacheOf } = await import("../wire/open-store.ts");
  const complaint = sharedCacheMissing(flags, sharedCacheOf(context.env) !== null);
  if (complaint !== null) say(complaint);
  const { root, workspace, files, askedNx } = loaded;
  const anchors = files.map((path) => join(root, path));
  const run = { root, plan, manager: workspace.manager, anchors, askedNx, said };
  const { carryOutRun } = await import("./carry-out-run.ts");
  return carryOutRun(run, flags, { ...context, request, startedMs, known: null });
}

type Start = Extract<HotOutcome, { readonly kind: "run" }>;
