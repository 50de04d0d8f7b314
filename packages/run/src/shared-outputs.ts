import type { RelativePath, TaskId } from "@slipway/kernel";
import { isMemory, type PlannedTask, type RunPlan } from "@slipway/plan";
import type { TaskSurroundings } from "./surroundings.ts";

/** A file that two tasks of a run made: this one, and `by`, which ended before it. */
export interface SharedOutput {
  readonly path: RelativePath;
  readonly more: number;
  readonly by: TaskId;
  readonly how: "written" | "removed";
  /** False: no dependency says which of them comes first, so what stands there in the end is chance. */
  readonly ordered: boolean;
}

interface Made {
  readonly written: readonly RelativePath[];
  readonly removed?: readonly RelativePath[];
}

/** What a task wrote, or removed, and another task of this run has made too; null when all of it is its own. */
export function sharedOutput(
  task: PlannedTask,
  { written, removed = [] }: Made,
  { plan, sources }: Pick<TaskSurroundings, "plan" | "sources">,
): SharedOutput | null {
  const rivals = rivalsIn(plan).get(task.id);
  if (!rivals || written.length + removed.length === 0) return null;
  const isWritten = new Set(written);
  const isRemoved = new Set(removed);
  const found: SharedOutput[] = [];
  for (const by of rivals) {
    const theirs = sources.facts(by)?.outputs() ?? [];
    const both = theirs.filter(({ path }) => !isMemory(path) && (isWritten.has(path) || isRemoved.has(path)));
    const path = both[0]?.path;
    if (path === undefined) continue;
    const how = isWritten.has(path) ? "written" : "removed";
    found.push({ path, more: both.length - 1, by, how, ordered: comesAfter(plan, task.id, by) });
  }
  return found.find(({ ordered }) => !ordered) ?? found[0] ?? null;
}

/** What another task of this run has made and would be made or found again by this one, with no order between them. */
export function overlapOf(
  task: PlannedTask,
  outputs: () => readonly { readonly path: RelativePath }[],
  around: Pick<TaskSurroundings, "plan" | "sources">,
): SharedOutput | null {
  if (!hasRivals(around.plan, task.id)) return null;
  const shared = sharedOutput(task, { written: outputs().map(({ path }) => path) }, around);
  return shared?.ordered === false ? shared : null;
}

/** True: the plan says, by whatever way, that `later` waits for `earlier`. */
function comesAfter({ tasks }: RunPlan, later: TaskId, earlier: TaskId): boolean {
  const needs = new Map(tasks.map((task) => [task.id, task.needs]));
  const seen = new Set([later]);
  for (const id of seen) for (const need of needs.get(id) ?? []) seen.add(need);
  return seen.has(earlier);
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

/** True: another task may write among its outputs. */
export function hasRivals(plan: RunPlan, id: TaskId): boolean {
  return rivalsIn(plan).has(id);
}

/** Side by side nobody could tell which of them wrote a file. */
export function areRivals(plan: RunPlan, one: TaskId, others: readonly TaskId[]): boolean {
  if (others.length === 0) return false;
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
    for (const base of own) {
      const there = byBase.get(base);
      if (there) there.push(task.id);
      else byBase.set(base, [task.id]);
    }
    return [task.id, own] as const;
  });
  const rivals = new Map<TaskId, Set<TaskId>>();
  const pair = (one: TaskId, other: TaskId): void => {
    if (one !== other) rivals.set(one, (rivals.get(one) ?? new Set()).add(other));
  };
  for (const [id, own] of bases) {
    for (const base of own) {
      for (const above of withParents(base)) {
        const others = byBase.get(above);
        // Nearly always it stands there alone.
        if (others === undefined || (others.length === 1 && others[0] === id)) continue;
        for (const other of others) {
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
  const at = glob.search(/[*?[\]{}()!]/);
  return at === -1 ? glob : glob.slice(0, Math.max(0, glob.lastIndexOf("/", at)));
}

function withParents(dir: string): string[] {
  const all = [dir];
  for (let at = dir.lastIndexOf("/"); at > 0; at = dir.lastIndexOf("/", at - 1)) all.push(dir.slice(0, at));
  return all;
}
