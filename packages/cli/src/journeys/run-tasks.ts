import type { ExitStatus } from "@slipway/kernel";
import { planToJson } from "@slipway/plan";
import type { Context, Values } from "../command.ts";
import type { carryingOutFlags } from "../flags/run.ts";
import {
  names,
  sourceOf,
  type changeFlags,
  type selectionFlags,
  type sourceFlags,
} from "../flags/selection.ts";
import { planText } from "../report/plan.ts";
import { warningText } from "../report-error.ts";
import { loadWorkspace } from "../wire/load-workspace.ts";
import { requestRun } from "./run-request.ts";

type RunValues = Values<
  typeof selectionFlags & typeof changeFlags & typeof sourceFlags & typeof carryingOutFlags
> & {
  readonly only: boolean;
  readonly plan: boolean;
  readonly json: boolean;
  readonly configuration: string | undefined;
};

type RunContext = Pick<Context, "cwd" | "env" | "terminal" | "signal" | "answer" | "say" | "rest">;

/** `slipway run`: from the words to the plan, from the plan to the tasks' ends. */
export async function runTasks(
  tasks: readonly string[],
  flags: RunValues,
  context: RunContext,
): Promise<ExitStatus> {
  const { cwd, env } = context;
  const { root, workspace } = loadWorkspace(cwd, sourceOf(flags["tasks-from"]));
  const { plan, warnings } = await requestRun(
    {
      tasks,
      filters: flags.filter,
      projects: names(flags.projects),
      exclude: names(flags.exclude),
      affected: flags.affected,
      base: flags.base ?? null,
      head: flags.head ?? null,
      strict: flags.strict,
      configuration: flags.configuration ?? null,
      only: flags.only,
      args: context.rest,
    },
    { root, cwd, env, workspace },
  );
  for (const warning of [...workspace.warnings, ...warnings]) context.say(warningText(warning));
  if (flags.plan) {
    context.answer(
      flags.json ? JSON.stringify(planToJson(plan), null, 2) : planText(plan, context.terminal.color),
    );
    return 0;
  }
  throw new Error("no engine is wired here yet");
}
