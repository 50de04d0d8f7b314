import { UserError } from "@slipway/kernel";
import type { RunPlan } from "@slipway/plan";
import { names } from "../flags/selection.ts";
import { warningText } from "../report-error.ts";
import type { WorkspaceForTasks } from "../wire/load-for-tasks.ts";
import { requestRun } from "./run-request.ts";
import type { Flags, RunContext } from "./run-context.ts";

/** The tasks that were named, as words or as nx's flags. */
export function askedWords(
  flags: Flags,
  { positionals }: Pick<RunContext, "positionals">,
): readonly string[] {
  const words = [...positionals, ...names(flags.targets), ...names(flags.target)];
  if (words.length === 0) throw noTask();
  return words;
}

function noTask(): UserError {
  return new UserError("cli/bad-argument", "run needs TASK", {
    hint: "`slipway show` lists the tasks there are",
  });
}

type Surroundings = RunContext & WorkspaceForTasks;

/** What was typed behind `slipway run`, as a plan; warnings are said. */
export async function planTasks(
  tasks: readonly string[],
  flags: Flags,
  around: Surroundings,
): Promise<RunPlan> {
  const { root, workspace, cwd, env, rest } = around;
  const { plan, warnings } = await requestRun(
    {
      tasks,
      filters: flags.filter,
      projects: names(flags.projects),
      exclude: names(flags.exclude),
      affected: flags.affected,
      affectedBy: flags["affected-by"] === "packages" ? "packages" : "inputs",
      base: flags.base ?? null,
      head: flags.head ?? null,
      strict: flags.strict,
      configuration: flags.configuration ?? null,
      only: flags.only,
      args: rest,
    },
    { root, cwd, env, workspace },
  );
  for (const warning of [...workspace.warnings, ...warnings]) around.say(warningText(warning));
  const envMode = flags["env-mode"];
  return isEnvMode(envMode) ? { ...plan, envMode } : plan;
}

function isEnvMode(text: string | undefined): text is RunPlan["envMode"] {
  return text === "strict" || text === "loose" || text === "filtered";
}

/** Scripts are everywhere: only another tool's configuration beside the one taken is worth a word. */
export function tellSource({ workspace }: WorkspaceForTasks, { say }: Pick<RunContext, "say">): void {
  const { source, because, others } = workspace.tasks;
  const beside = others.filter((other) => other !== "scripts");
  if (beside.length === 0) return;
  say(`tasks from ${source}: ${because} (also there: ${beside.join(", ")}; --tasks-from switches)`);
}
