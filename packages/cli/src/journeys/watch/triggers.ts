import type { TaskId } from "@slipway/kernel";
import { affectedTasks, type RunPlan } from "@slipway/plan";
import { globSet, type Workspace } from "@slipway/workspace";
import type { DiskRunPorts } from "../../wire/run-ports.ts";

/** A round of a watched run, as its end left it. */
export interface Watched {
  readonly workspace: Workspace;
  readonly plan: RunPlan;
  readonly ports: Pick<DiskRunPorts, "tree" | "records">;
}

export interface Change {
  /** Root-relative paths of files that came, changed or went. */
  readonly paths: ReadonlySet<string>;
  /** Those of them that changed while tasks ran. */
  readonly during: ReadonlySet<string>;
}

/**
 * The changes that can concern a task: not those of files that git ignores and no task names all the same, and not what
 * tasks wrote themselves.
 */
export function foreignChanges({ paths, during }: Change, { plan, ports }: Watched): string[] {
  const { tree, records } = ports;
  const isNamed = namesOf(plan);
  const makers = plan.tasks
    .filter(({ outputSpec }) => outputSpec.include.length > 0)
    .map((task) => ({ task, made: globSet(task.outputSpec.include, task.outputSpec.exclude) }));
  const isOwn = (path: string): boolean =>
    makers.some(({ task, made }) => {
      if (!made.matches(path)) return false;
      if (!task.cache) return during.has(path);
      const output = records.last(task.id)?.outputs.find((one) => one.path === path);
      return output !== undefined && tree.inPlace([output]);
    });
  return [...withFilesOfGoneDirs(paths, ports)].filter((path) => {
    const counts = tree.counts(path) || tree.listing.has(path, new Set()) || isNamed(path);
    return counts && !isOwn(path);
  });
}

/** Files that count although git may ignore them. */
function namesOf({ tasks, global }: RunPlan): (path: string) => boolean {
  const plain = global.files.filter((glob) => !glob.startsWith("!"));
  const negated = global.files.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const named = tasks.flatMap(({ inputSpec }) => inputSpec.files.filter((one) => one.ignored === "include"));
  const sets = [{ include: plain, exclude: negated }, ...named].map((one) =>
    globSet(one.include, one.exclude),
  );
  return (path) => sets.some((globs) => globs.matches(path));
}

/** A directory that was moved away says only its own name. */
function withFilesOfGoneDirs(paths: ReadonlySet<string>, { tree }: Watched["ports"]): Set<string> {
  const all = new Set(paths);
  for (const path of paths) {
    if (!tree.listing.dirs.has(path)) continue;
    for (const [dir, { files }] of tree.listing.dirs) {
      if (dir !== path && !dir.startsWith(`${path}/`)) continue;
      for (const name of files) all.add(`${dir}/${name}`);
    }
  }
  return all;
}

/** The tasks that changed files can reach, with those that need them, in the plan's order. */
export function reachedTasks(
  files: readonly string[],
  { plan, workspace, ports }: Watched,
  failed: ReadonlySet<TaskId>,
): TaskId[] {
  const changes = { files, lockfileBefore: workspace.lockfile };
  const reached = new Set(affectedTasks(plan, workspace, changes).map(({ id }) => id));
  const behindLinks = new Set<TaskId>();
  for (const { id, needs } of plan.tasks) {
    const marks = ports.records.seen.get(id)?.inputs?.marks ?? {};
    const isBehind = files.some((path) => Object.hasOwn(marks, path));
    if (isBehind || needs.some((need) => behindLinks.has(need))) behindLinks.add(id);
    // What did not run because a need failed has its chance when that need has.
    const isFreed = failed.has(id) && needs.some((need) => reached.has(need) || behindLinks.has(need));
    if (isFreed || behindLinks.has(id)) reached.add(id);
  }
  return plan.tasks.filter(({ id }) => reached.has(id)).map(({ id }) => id);
}
