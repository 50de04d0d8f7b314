import { UserError, type ExitStatus, type TaskId } from "@slipway/kernel";
import type { ExplainedTask, FingerprintDifference, TaskEnded, TaskExplanation } from "@slipway/run";
import { resolve } from "node:path";
import type { Outside, Values } from "../command.ts";
import type { sourceFlags } from "../flags/selection.ts";
import { explanationText } from "../report/why.ts";
import { warningText } from "../report-error.ts";
import { userCacheDir } from "../wire/cache-dir.ts";
import type { Against } from "./compare-fingerprints.ts";
import { explainAsked } from "./explain-plan.ts";
import { loadForTasks, type WorkspaceForTasks } from "../wire/load-for-tasks.ts";
import { RunHistory, type KeptRun } from "../wire/run-history.ts";
import { stateDirOf } from "../wire/run-ports.ts";

export type WhyFlags = Values<typeof sourceFlags> & {
  readonly json: boolean;
  readonly against: string | undefined;
  readonly "cache-dir": string | undefined;
};

/** What `why --json` prints; docs/schema/why.json describes it. */
export interface WhyJson {
  readonly schema: 1;
  /** What the differences are to; missing: to each task's last run here. */
  readonly against?: Against;
  /** The task that was asked about first, then those that it needs, causes last. */
  readonly tasks: readonly ExplainedJson[];
}

type ExplainedJson = TaskExplanation & { readonly lastRun: LastEnd | null };

/** How the task ended in the last kept run that it was part of. */
export type LastEnd = Pick<TaskEnded, "status" | "cache" | "reason" | "durationMs">;

/** `slipway why`: what a run would do with a task now, and why. */
export async function explainTask(asked: string, flags: WhyFlags, outside: Outside): Promise<ExitStatus> {
  if (!asked.includes("#")) {
    throw new UserError("cli/bad-argument", `"${asked}" is no task`, { hint: "name it as PACKAGE#TASK" });
  }
  const { root, workspace } = await loadForTasks(outside, flags);
  for (const warning of workspace.warnings) outside.say(warningText(warning));
  const cacheDir =
    flags["cache-dir"] === undefined ? userCacheDir(outside.env) : resolve(outside.cwd, flags["cache-dir"]);
  const value = await explanation(asked, { root, workspace, cacheDir, outside, flags });
  if (flags.json) outside.answer(JSON.stringify(value, null, 2));
  else outside.answer(explanationText(value, outside.terminal.color));
  return 0;
}

interface Around {
  readonly root: string;
  readonly workspace: WorkspaceForTasks["workspace"];
  readonly cacheDir: string;
  readonly outside: Outside;
  readonly flags: WhyFlags;
}

async function explanation(asked: string, around: Around): Promise<WhyJson> {
  const { root, workspace, cacheDir, outside, flags } = around;
  const { env, signal } = outside;
  const now = await explainAsked(asked, { root, workspace, cwd: outside.cwd, env, cacheDir, signal });
  const history = new RunHistory(stateDirOf(root, cacheDir));
  const last = lastEnds(history.last());
  const withEnd = ({ id, would, fingerprint, reason, differences }: ExplainedTask): ExplainedJson => {
    return { id, would, fingerprint, reason, differences, lastRun: last.get(id) ?? null };
  };
  if (flags.against === undefined) {
    return { schema: 1, tasks: causesOf(now.tasks, now.asked).map(withEnd) };
  }
  const { compareWith } = await import("./compare-fingerprints.ts");
  const setting = { root, cacheDir, outside, history, sources: flags };
  const compared = await compareWith(flags.against, { asked, now, setting });
  const tasks = causesOf(compared.tasks, now.asked).map(withEnd);
  return { schema: 1, against: compared.against, tasks };
}

type Caused = { readonly id: TaskId; readonly differences: readonly FingerprintDifference[] };

/** The task itself, then what it needs as far as that is what differs. */
function causesOf<T extends Caused>(explained: readonly T[], target: TaskId | undefined): T[] {
  const byId = new Map(explained.map((task) => [task.id, task]));
  const shown = new Map<TaskId, T>();
  const add = (id: string | undefined): void => {
    const task = byId.get((id ?? "") as TaskId);
    if (!task || shown.has(task.id)) return;
    shown.set(task.id, task);
    for (const { at } of task.differences) if (at[0] === "needs") add(at[1]);
  };
  add(target);
  return [...shown.values()];
}

function lastEnds(run: KeptRun | null): Map<TaskId, LastEnd> {
  const ends = new Map<TaskId, LastEnd>();
  for (const { event } of run?.events ?? []) {
    if (event.type !== "task") continue;
    const { status, cache, reason, durationMs } = event;
    ends.set(event.id, { status, cache, durationMs, ...(reason === undefined ? {} : { reason }) });
  }
  return ends;
}
