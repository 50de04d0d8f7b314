import { UserError, type ExitStatus, type TaskId } from "@slipway/kernel";
import { explainRun, type TaskExplanation, type TaskEnded } from "@slipway/run";
import { resolve } from "node:path";
import type { Outside, Values } from "../command.ts";
import type { sourceFlags } from "../flags/selection.ts";
import { explanationText } from "../report/why.ts";
import { warningText } from "../report-error.ts";
import { userCacheDir } from "../wire/cache-dir.ts";
import { loadForTasks } from "../wire/load-for-tasks.ts";
import type { LoadedWorkspace } from "../wire/load-workspace.ts";
import { lastRun } from "../wire/run-history.ts";
import { trustDomainOf } from "../wire/trust-domain.ts";
import { openRunPorts, scriptHabits, stateDirOf } from "../wire/run-ports.ts";
import { requestRun } from "./run-request.ts";

type WhyFlags = Values<typeof sourceFlags> & {
  readonly json: boolean;
  readonly "cache-dir": string | undefined;
};

/** What `why --json` prints; docs/schema/why.json describes it. */
export interface WhyJson {
  readonly schema: 1;
  /** The task that was asked about first, then those that it needs, causes last. */
  readonly tasks: readonly (TaskExplanation & { readonly lastRun: LastEnd | null })[];
}

/** How the task ended in the last kept run that it was part of. */
export type LastEnd = Pick<TaskEnded, "status" | "cache" | "reason" | "durationMs">;

/** `slipway why`: what a run would do with a task now, and why. */
export async function explainTask(asked: string, flags: WhyFlags, outside: Outside): Promise<ExitStatus> {
  const loaded = loadForTasks(outside, flags["tasks-from"]);
  for (const warning of loaded.workspace.warnings) outside.say(warningText(warning));
  const cacheDir =
    flags["cache-dir"] === undefined ? userCacheDir(outside.env) : resolve(outside.cwd, flags["cache-dir"]);
  const around = { ...loaded, outside, cacheDir };
  const value: WhyJson = { schema: 1, tasks: await explanations(asked, around) };
  if (flags.json) outside.answer(JSON.stringify(value, null, 2));
  else outside.answer(explanationText(value.tasks, outside.terminal.color));
  return 0;
}

type Around = LoadedWorkspace & { readonly outside: Outside; readonly cacheDir: string };

async function explanations(asked: string, around: Around): Promise<WhyJson["tasks"]> {
  const { root, workspace, cacheDir, outside } = around;
  const { cwd, env, signal } = outside;
  if (!asked.includes("#")) {
    throw new UserError("cli/bad-argument", `"${asked}" is no task`, { hint: "name it as PACKAGE#TASK" });
  }
  const { plan } = await requestRun({ ...nothingElse, tasks: [asked] }, { root, workspace, cwd, env });
  const setting = { root, cwd, env, manager: workspace.manager, plan, cacheDir, signal };
  const ports = await openRunPorts({ ...setting, report: () => {} });
  const explained = await explainRun(plan, ports, {
    concurrency: 1,
    cache: { read: true, write: false },
    continue: "never",
    trustDomain: trustDomainOf(env),
    habits: scriptHabits(setting),
  });
  const ends = lastEnds(stateDirOf(root, cacheDir));
  const target = plan.tasks.find(({ because }) => because.some(({ kind }) => kind === "asked"))?.id;
  const shown = causesOf(explained, target);
  return shown.map((task) => ({ ...task, lastRun: ends.get(task.id) ?? null }));
}

const nothingElse = {
  filters: [],
  projects: [],
  exclude: [],
  affected: false,
  base: null,
  head: null,
  strict: false,
  configuration: null,
  only: false,
  args: [],
};

/** The task itself, then what it needs as far as that is what differs. */
function causesOf(explained: readonly TaskExplanation[], target: TaskId | undefined): TaskExplanation[] {
  const byId = new Map(explained.map((task) => [task.id, task]));
  const shown = new Map<TaskId, TaskExplanation>();
  const add = (id: string | undefined): void => {
    const task = byId.get((id ?? "") as TaskId);
    if (!task || shown.has(task.id)) return;
    shown.set(task.id, task);
    for (const { at } of task.differences) if (at[0] === "needs") add(at[1]);
  };
  add(target);
  return [...shown.values()];
}

function lastEnds(stateDir: string): Map<TaskId, LastEnd> {
  const ends = new Map<TaskId, LastEnd>();
  for (const { event } of lastRun(stateDir)?.events ?? []) {
    if (event.type !== "task") continue;
    const { status, cache, reason, durationMs } = event;
    ends.set(event.id, { status, cache, durationMs, ...(reason === undefined ? {} : { reason }) });
  }
  return ends;
}
