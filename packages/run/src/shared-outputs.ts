import type { RelativePath, TaskId } from "@slipway/kernel";
import type { PlannedTask, RunPlan } from "@slipway/plan";
import type { TaskSurroundings } from "./surroundings.ts";

/** A path that stands for outputs of two tasks of a run, and the task that ended first. */
export interface SharedOutput {
  readonly path: RelativePath;
  readonly by: TaskId;
}

/** The first of the files that a task wrote and another task of this run has made too; null when they are its own. */
export function sharedOutput(
  task: PlannedTask,
  written: readonly RelativePath[],
  { plan, sources }: TaskSurroundings,
): SharedOutput | null {
  const rivals = rivalsIn(plan).get(task.id);
  if (!rivals || written.length === 0) return null;
  const own = new Set(written);
  for (const by of rivals) {
    const shared = sources
      .facts(by)
      ?.outputs()
      .find(({ path }) => own.has(path));
    if (shared) return { path: shared.path, by };
  }
  return null;
}

/** What lies among a task's outputs and is known to be another task's, as that one left it. */
export function madeByRivals(
  task: PlannedTask,
  { plan, ports }: TaskSurroundings,
): ReadonlySet<RelativePath> {
  const rivals = [...(rivalsIn(plan).get(task.id) ?? [])];
  const theirs = rivals.flatMap((id) => ports.tree.unchanged(ports.records.last(id)?.outputs ?? []));
  return new Set(theirs.map(({ path }) => path));
}

/** Side by side nobody could tell which of them wrote a file. */
export function areRivals(plan: RunPlan, one: TaskId, others: readonly TaskId[]): boolean {
  const rivals = rivalsIn(plan).get(one);
  return rivals !== undefined && others.some((other) => rivals.has(other));
}

const known = new WeakMap<RunPlan, ReadonlyMap<TaskId, ReadonlySet<TaskId>>>();

/** For each task those whose outputs may lie among its own, by the directories that their globs begin with. */
function rivalsIn(plan: RunPlan): ReadonlyMap<TaskId, ReadonlySet<TaskId>> {
  const found = known.get(plan) ?? findRivals(plan);
  known.set(plan, found);
  return found;
}

function findRivals({ tasks }: RunPlan): Map<TaskId, Set<TaskId>> {
  const byBase = new Map<string, TaskId[]>();
  const bases = tasks.map((task) => {
    const own = task.cache ? [...new Set(task.outputSpec.include.map(baseOf))] : [];
    for (const base of own) byBase.set(base, [...(byBase.get(base) ?? []), task.id]);
    return [task.id, own] as const;
  });
  const rivals = new Map<TaskId, Set<TaskId>>();
  const pair = (one: TaskId, other: TaskId): void => {
    if (one !== other) rivals.set(one, (rivals.get(one) ?? new Set()).add(other));
  };
  for (const [id, own] of bases) {
    for (const base of own) {
      for (const above of withParents(base)) {
        for (const other of byBase.get(above) ?? []) {
          pair(id, other);
          pair(other, id);
        }
      }
    }
  }
  return rivals;
}

/** What stands before the first part that is a pattern. */
function baseOf(glob: string): string {
  const parts = glob.split("/");
  const at = parts.findIndex((part) => /[*?[\]{}()!]/.test(part));
  return (at === -1 ? parts : parts.slice(0, at)).join("/");
}

function withParents(dir: string): string[] {
  const parts = dir.split("/");
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}
