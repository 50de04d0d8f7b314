import { UserError, type ExitStatus } from "@slipway/kernel";
import { affectedTasks, planRun } from "@slipway/plan";
import type { Workspace } from "@slipway/workspace";
import type { Outside } from "../command.ts";
import { findAffected, type AffectedView } from "../wire/find-affected.ts";
import type { LoadedWorkspace } from "../wire/load-workspace.ts";
import { tellAffected, type AffectedFlags, type AffectedJson } from "./tell-affected.ts";

/** Answers which packages, and tasks, a change reaches, and why. */
export async function showAffected(
  { root, workspace }: LoadedWorkspace,
  flags: AffectedFlags,
  outside: Outside,
): Promise<ExitStatus> {
  const { env } = outside;
  const { base = null, head = null, strict } = flags;
  const view = await findAffected({ root, workspace, env, base, head, strict });
  const tasks = flags.tasks.length > 0 ? tasksOf(view, workspace, flags.tasks) : null;
  return tellAffected(view, workspace, { flags, outside, tasks });
}

/** Which tasks of these names a change reaches, judged by their inputs; what they need in turn is not affected by that. */
function tasksOf(
  { changes }: AffectedView,
  workspace: Workspace,
  tasks: readonly string[],
): NonNullable<AffectedJson["tasks"]> {
  const planned = planRun(workspace, { tasks, packages: null, configuration: null, args: [], only: false });
  if (!planned.ok) throw UserError.of(planned.problems);
  const asked = planned.value.tasks.filter(
    ({ action, because }) => action !== null && because.some(({ kind }) => kind === "asked"),
  );
  if (!changes) return asked.map(({ id }) => ({ id, because: [{ kind: "unknown" }] }));
  const ids = new Set(asked.map(({ id }) => id));
  return affectedTasks(planned.value, workspace, changes).filter(({ id }) => ids.has(id));
}
