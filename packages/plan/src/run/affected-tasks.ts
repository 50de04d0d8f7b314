import { closure, type PackageName, type RelativePath, type TaskId } from "@slipway/kernel";
import {
  changedLockfile,
  everywhere,
  globSet,
  lockfileReasons,
  nxDotenvFiles,
  type AffectedReason,
  type Workspace,
  type WorkspaceChanges,
} from "@slipway/workspace";
import type { PlannedTask, RunPlan, RunReason } from "./types.ts";

/** A task whose result may differ from the one at the base. */
export interface AffectedTask {
  readonly id: TaskId;
  /** Its own reasons before the ones that come through other tasks; never empty. */
  readonly because: readonly TaskAffectedReason[];
}

export type TaskAffectedReason =
  | Exclude<AffectedReason, { kind: "dependency" | "input" | "more-files" }>
  /** What it needs is affected, and counts among its inputs. */
  | { readonly kind: "task"; readonly task: TaskId };

/**
 * Which tasks of a plan a change can reach, judged by what each declares as input: the same that its fingerprint is made
 * of, so a task that is not affected would have the fingerprint that it had at the base.
 *
 * @returns in the plan's order
 */
export function affectedTasks(
  plan: RunPlan,
  workspace: Workspace,
  changes: WorkspaceChanges,
): AffectedTask[] {
  const files = [...new Set(changes.files)].toSorted();
  const changed = new Set(files);
  const dotenv = new Set(plan.source === "nx" ? files.filter((path) => /(?:^|\/)\.[^/]*env/.test(path)) : []);
  const everyTask = everywhere(workspace, files);
  const lockfile = lockfileOf(workspace, changes, files);
  const reasons = new Map<TaskId, TaskAffectedReason[]>();
  for (const task of plan.tasks) {
    const because: TaskAffectedReason[] = [
      ...fileReason(task, files),
      ...dotenvReason(task, dotenv),
      ...definitionReasons(task, changed),
      ...lockfile(task),
      ...everyTask,
      ...needReasons(task, reasons),
    ];
    if (because.length > 0) reasons.set(task.id, because);
  }
  return [...reasons].map(([id, because]) => ({ id, because }));
}

/**
 * The part of a plan that affected tasks make up: those that were asked for, and all that they need, affected or not.
 *
 * @param base what the tasks were compared with, for the reasons
 */
export function onlyAffected(plan: RunPlan, affected: readonly AffectedTask[], base: string): RunPlan {
  const because = new Map(affected.map((one) => [one.id, one.because]));
  const asked = plan.tasks.filter((one) => one.because.some(({ kind }) => kind === "asked"));
  const starts = asked.map(({ id }) => id).filter((id) => because.has(id));
  const links = new Map(plan.tasks.map((one) => [one.id, [...one.needs, ...one.with]]));
  const kept = closure(links, starts);
  const chosen = new Set(starts);
  const neededBy = new Map<TaskId, RunReason>();
  const tasks = plan.tasks.filter(({ id }) => kept.has(id));
  for (const { id, needs, with: beside } of tasks) {
    for (const need of needs) if (!neededBy.has(need)) neededBy.set(need, { kind: "needed-by", task: id });
    for (const one of beside) if (!neededBy.has(one)) neededBy.set(one, { kind: "with", task: id });
  }
  return {
    ...plan,
    tasks: tasks.map((task) => {
      if (chosen.has(task.id)) return withReason(task, because.get(task.id)?.[0], base);
      // What was asked for and is not affected stays as a need of others, without the arguments.
      const reason = neededBy.get(task.id);
      return { ...task, args: [], because: reason ? [reason] : [] };
    }),
  };
}

function withReason(task: PlannedTask, reason: TaskAffectedReason | undefined, base: string): PlannedTask {
  const where = reason?.kind === "task" ? { need: reason.task } : reason && { path: reason.path };
  return { ...task, because: [...task.because, { kind: "affected", base, ...where }] };
}

function fileReason({ inputSpec }: PlannedTask, files: readonly RelativePath[]): TaskAffectedReason[] {
  for (const { include, exclude } of inputSpec.files) {
    const path = globSet(include, exclude).firstOf(files);
    if (path !== undefined) return [{ kind: "file", path }];
  }
  const json = inputSpec.json.find(({ path }) => files.includes(path));
  return json ? [{ kind: "file", path: json.path }] : [];
}

/** nx gives a task the variables of such files, whatever its inputs say. */
function dotenvReason(
  { dir, task, configuration }: PlannedTask,
  changed: ReadonlySet<RelativePath>,
): TaskAffectedReason[] {
  if (changed.size === 0) return [];
  const path = nxDotenvFiles(dir, task, configuration ?? null).find((one) => changed.has(one));
  return path === undefined ? [] : [{ kind: "file", path }];
}

/** Where a package may define its tasks: a change there may change what they are, whatever files they read. */
const definitionFiles = ["package.json", "project.json", "turbo.json", "turbo.jsonc"];

function definitionReasons({ dir }: PlannedTask, changed: ReadonlySet<RelativePath>): TaskAffectedReason[] {
  const paths = definitionFiles.map((file) => (dir === "" ? file : `${dir}/${file}`));
  const path = paths.find((one) => changed.has(one));
  return path === undefined ? [] : [{ kind: "configuration", path }];
}

function lockfileOf(
  workspace: Workspace,
  changes: WorkspaceChanges,
  files: readonly RelativePath[],
): (task: PlannedTask) => TaskAffectedReason[] {
  const path = changedLockfile(workspace, files);
  if (path === undefined) return () => [];
  const changed = new Map<PackageName, TaskAffectedReason>(lockfileReasons(workspace, changes, path));
  return ({ package: name, inputSpec: { external } }) => {
    if (external === "none") return [];
    // The closures say nothing of single entries, so any change of the lockfile may be one of theirs.
    if (external !== "closure") return [{ kind: "lockfile", path }];
    const reason = changed.get(name);
    return reason ? [reason] : [];
  };
}

/** Only what is part of its fingerprint: nx reads the sources of dependencies instead of their tasks' results. */
function needReasons(
  { needs, inputSpec }: PlannedTask,
  reasons: ReadonlyMap<TaskId, readonly TaskAffectedReason[]>,
): TaskAffectedReason[] {
  if (!inputSpec.dependencyFingerprints && inputSpec.dependencyOutputs.length === 0) return [];
  return needs.filter((id) => reasons.has(id)).map((task) => ({ kind: "task", task }));
}
