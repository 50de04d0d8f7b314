import { UserError, type ExitStatus, type TaskId } from "@slipway/kernel";
import { planToJson, type RunPlan } from "@slipway/plan";
import { executeRun, type RunOptions } from "@slipway/run";
import { availableParallelism } from "node:os";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Context, Values } from "../command.ts";
import { inOwnWords, prefixOf, type peerFlags } from "../flags/peers.ts";
import type { carryingOutFlags } from "../flags/run.ts";
import {
  names,
  sourceOf,
  type changeFlags,
  type selectionFlags,
  type sourceFlags,
} from "../flags/selection.ts";
import { planText } from "../report/plan.ts";
import { reporterFor } from "../report/run/reporter-for.ts";
import { recorder, together, type RecordedRun } from "../report/run/recorded-run.ts";
import type { OutputLogs, Reporter } from "../report/run/reporter.ts";
import { warningText } from "../report-error.ts";
import { userCacheDir } from "../wire/cache-dir.ts";
import { loadWorkspace, type LoadedWorkspace } from "../wire/load-workspace.ts";
import { keepRun } from "../wire/run-history.ts";
import { openRunPorts, scriptHabits, stateDirOf } from "../wire/run-ports.ts";
import { requestRun } from "./run-request.ts";
import { cacheAccess, concurrencyOf } from "./run-settings.ts";

type Flags = Values<
  typeof selectionFlags & typeof changeFlags & typeof sourceFlags & typeof carryingOutFlags & typeof peerFlags
> & {
  readonly only: boolean;
  readonly plan: boolean;
  readonly json: boolean;
  readonly summary: boolean;
  readonly last: boolean;
  readonly trace: string | undefined;
  readonly configuration: string | undefined;
};

export type RunContext = Omit<Context, "options"> & { readonly options: Flags };

/** `slipway run`: from the words to the plan, from the plan to the tasks' ends. */
export async function runTasks(context: RunContext): Promise<ExitStatus> {
  const flags = inOwnWords(context.options, context.given);
  const words = context.positionals;
  if (flags.last) {
    const { showLastRun } = await import("./show-last-run.ts");
    return showLastRun(flags["cache-dir"], flags.json, context);
  }
  const loaded = loadWorkspace(context.cwd, sourceOf(flags["tasks-from"]));
  const tasks = [...words, ...names(flags.targets), ...names(flags.target)];
  if (tasks.length === 0) throw noTask();
  const plan = await planned(tasks, flags, { ...context, ...loaded });
  if (flags.plan) {
    const { color } = context.terminal;
    context.answer(flags.json ? JSON.stringify(planToJson(plan), null, 2) : planText(plan, color));
    return 0;
  }
  tellSource(loaded, context);
  return carriedOut(plan, flags, { ...context, ...loaded });
}

/** Scripts are everywhere: only another tool's configuration beside the one taken is worth a word. */
function tellSource({ workspace }: LoadedWorkspace, { say }: Pick<RunContext, "say">): void {
  const { source, because, others } = workspace.tasks;
  const beside = others.filter((other) => other !== "scripts");
  if (beside.length === 0) return;
  say(`tasks from ${source}: ${because} (also there: ${beside.join(", ")}; --tasks-from switches)`);
}

function noTask(): UserError {
  return new UserError("cli/bad-argument", "run needs TASK", {
    hint: "`slipway show` lists the tasks there are",
  });
}

type Surroundings = RunContext & LoadedWorkspace;

async function planned(tasks: readonly string[], flags: Flags, around: Surroundings): Promise<RunPlan> {
  const { root, workspace, cwd, env, rest } = around;
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

async function carriedOut(plan: RunPlan, flags: Flags, around: Surroundings): Promise<ExitStatus> {
  const { root, workspace, cwd, env, signal } = around;
  const options = runOptions(flags, around);
  const startedAt = Date.now();
  const record = recorder(() => performance.now());
  const reporter = together([record, reporterOf(plan, flags, around)]);
  const cacheDir = flags["cache-dir"] === undefined ? null : resolve(cwd, flags["cache-dir"]);
  try {
    const setting = { root, cwd, env, manager: workspace.manager, plan, cacheDir, signal };
    const ports = await openRunPorts({ ...setting, report: (event) => reporter.event(event) });
    return (await executeRun(plan, ports, options)).exit;
  } finally {
    reporter.end();
    const needs = Object.fromEntries(plan.tasks.map((task) => [task.id, task.needs]));
    const run = {
      schema: 1 as const,
      startedAt,
      words: around.positionals,
      needs,
      events: record.recorded(),
    };
    await keep(run, flags, { ...around, stateDir: stateDirOf(root, cacheDir ?? userCacheDir(env)) });
  }
}

function reporterOf(plan: RunPlan, flags: Flags, outside: Surroundings): Reporter {
  return reporterFor({
    outside,
    json: flags.json,
    tasks: plan.tasks,
    // The parser let only the choices of these flags through.
    outputLogs: (flags["output-logs"] as OutputLogs | undefined) ?? null,
    logOrder: flags["log-order"] as "auto" | "stream" | "grouped",
    prefix: prefixOf(flags),
    now: () => performance.now(),
  });
}

/** What is left of a run when it has ended, however it ended: its record, and the pictures that were asked for. */
async function keep(
  run: RecordedRun,
  flags: Flags,
  around: Surroundings & { readonly stateDir: string },
): Promise<void> {
  keepRun(around.stateDir, run);
  if (flags.trace !== undefined) {
    const { chromeTrace } = await import("../report/run/trace.ts");
    await writeFile(resolve(around.cwd, flags.trace), JSON.stringify(chromeTrace(run.events)));
  }
  if (flags.summary && !flags.json) {
    const { runSummary } = await import("../report/run/run-summary.ts");
    const needs = new Map(Object.entries(run.needs) as [TaskId, readonly TaskId[]][]);
    around.say(runSummary(run.events, needs, around.terminal.color));
  }
}

function runOptions(flags: Flags, { root, cwd, env, workspace }: Surroundings): RunOptions {
  return {
    concurrency: concurrencyOf(flags.concurrency, availableParallelism()),
    cache: cacheAccess(flags),
    continue: flags.continue as RunOptions["continue"],
    trustDomain: "local",
    habits: scriptHabits({ root, cwd, env, manager: workspace.manager }),
  };
}
