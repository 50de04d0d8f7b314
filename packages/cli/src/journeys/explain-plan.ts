import type { TaskId } from "@slipway/kernel";
import { explainRun, type ExplainedTask, type RunPorts } from "@slipway/run";
import type { RunPlan } from "@slipway/plan";
import type { Workspace } from "@slipway/workspace";
import { requestRun } from "./run-request.ts";
import { openRunPorts } from "../wire/run-ports.ts";
import { scriptHabits } from "../wire/script-habits.ts";
import { trustDomainOf } from "../wire/trust-domain.ts";

export interface ExplainSetting {
  /** Absolute root of the work tree. */
  readonly root: string;
  readonly workspace: Workspace;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  /** Of another work tree's ports, where its fingerprints are to be compared with these. */
  readonly keyedDigest?: RunPorts["keyedDigest"];
}

export interface ExplainedPlan {
  /** What was asked about, by the name that the plan has for it. */
  readonly asked: TaskId | undefined;
  readonly tasks: readonly ExplainedTask[];
  readonly ports: RunPorts;
}

/** What a run would do now with a task and all that it needs; nothing is run. */
export async function explainAsked(task: string, setting: ExplainSetting): Promise<ExplainedPlan> {
  const { root, workspace, cwd, env } = setting;
  const { plan } = await requestRun({ ...nothingElse, tasks: [task] }, { root, workspace, cwd, env });
  return explainPlan(plan, setting);
}

/** The same of a whole plan. */
export async function explainPlan(plan: RunPlan, setting: ExplainSetting): Promise<ExplainedPlan> {
  const { workspace, env } = setting;
  const opening = { ...setting, manager: workspace.manager, plan };
  const opened = await openRunPorts({ ...opening, report: () => {} });
  const ports = { ...opened, keyedDigest: setting.keyedDigest ?? opened.keyedDigest };
  const tasks = await explainRun(plan, ports, {
    concurrency: 1,
    cache: { read: true, write: false },
    continue: "never",
    trustDomain: trustDomainOf(env),
    habits: scriptHabits(opening),
  });
  const asked = plan.tasks.find(({ because }) => because.some(({ kind }) => kind === "asked"))?.id;
  return { asked, tasks, ports };
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
