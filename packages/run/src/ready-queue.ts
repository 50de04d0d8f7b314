import { reversed, waves, type TaskId } from "@slipway/kernel";
import type { PlannedTask } from "@slipway/plan";
import type { ConcurrencyLimit } from "@slipway/workspace";

/** Guess for a task that has never run: such tasks stand behind known long ones and before known short ones. */
const unknownDurationMs = 1000;

export interface Place {
  readonly free: number;
  readonly running: readonly TaskId[];
  fits(task: PlannedTask): boolean;
}

/** Gives out tasks whose needs are done, the one with the longest way to the end of the run first. */
export class ReadyQueue {
  readonly #waiting = new Map<TaskId, number>();
  readonly #dependents: ReadonlyMap<TaskId, readonly TaskId[]>;
  readonly #tasks: ReadonlyMap<TaskId, PlannedTask>;
  readonly #restMs: ReadonlyMap<TaskId, number>;
  /** A binary heap would be better from some ten thousand ready tasks on; sorted insertion is enough here. */
  readonly #ready: PlannedTask[] = [];
  /** How many of these take no place. */
  #readyWithoutPlace = 0;
  readonly #given = new Set<TaskId>();
  readonly #done = new Set<TaskId>();

  constructor(tasks: readonly PlannedTask[], durationMs: (id: TaskId) => number | null) {
    this.#tasks = new Map(tasks.map((task) => [task.id, task]));
    const graph = new Map(tasks.map(({ id, needs }) => [id, needs.filter((need) => this.#tasks.has(need))]));
    this.#dependents = reversed(graph);
    this.#restMs = longestWays(graph, this.#dependents, durationMs);
    for (const [id, needs] of graph) {
      const count = new Set(needs).size;
      this.#waiting.set(id, count);
      const task = this.#tasks.get(id);
      if (count === 0 && task) this.#insert(task);
    }
  }

  /**
   * Null when nothing is ready for which there is place. Persistent and empty tasks need none. `running` are those that
   * take a place; `fits` says whether there is memory for one more.
   */
  next(place: Place): PlannedTask | null {
    // Asked after every task's end, and hundreds may be ready.
    if (place.free <= 0 && this.#readyWithoutPlace === 0) return null;
    const isFull = this.#fullGroups(place.running);
    const alone = place.running.some((id) => this.#tasks.get(id)?.parallelism === false);
    const at = this.#ready.findIndex((task) => {
      if (takesNoPlace(task)) return true;
      if (alone || (!task.parallelism && place.running.length > 0)) return false;
      if (task.limits?.some(isFull)) return false;
      return place.free > 0 && place.fits(task);
    });
    const [task] = at === -1 ? [] : this.#ready.splice(at, 1);
    if (!task) return null;
    this.#given.add(task.id);
    if (takesNoPlace(task)) this.#readyWithoutPlace--;
    return task;
  }

  #fullGroups(running: readonly TaskId[]): (limit: ConcurrencyLimit) => boolean {
    const counts = new Map<string, number>();
    for (const id of running) {
      for (const { group } of this.#tasks.get(id)?.limits ?? []) {
        counts.set(group, (counts.get(group) ?? 0) + 1);
      }
    }
    return ({ group, max }) => (counts.get(group) ?? 0) >= max;
  }

  done(id: TaskId): void {
    if (this.#done.has(id)) return;
    this.#done.add(id);
    for (const dependent of new Set(this.#dependents.get(id))) {
      const left = (this.#waiting.get(dependent) ?? 0) - 1;
      this.#waiting.set(dependent, left);
      const task = this.#tasks.get(dependent);
      if (left === 0 && task) this.#insert(task);
    }
  }

  /** Those never given out, in the plan's order. */
  rest(): readonly PlannedTask[] {
    return [...this.#tasks.values()].filter(({ id }) => !this.#given.has(id));
  }

  #insert(task: PlannedTask): void {
    let low = 0;
    let high = this.#ready.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#ready[middle];
      if (other && this.#goesBefore(other, task)) low = middle + 1;
      else high = middle;
    }
    this.#ready.splice(low, 0, task);
    if (takesNoPlace(task)) this.#readyWithoutPlace++;
  }

  #goesBefore(one: PlannedTask, other: PlannedTask): boolean {
    const byPriority = (one.priority ?? 0) - (other.priority ?? 0);
    if (byPriority !== 0) return byPriority > 0;
    return (this.#restMs.get(one.id) ?? 0) >= (this.#restMs.get(other.id) ?? 0);
  }
}

function takesNoPlace({ action, persistent }: PlannedTask): boolean {
  return !action || persistent;
}

/** For each task its own duration and that of the longest chain of tasks that wait for it. */
function longestWays(
  graph: ReadonlyMap<TaskId, readonly TaskId[]>,
  dependents: ReadonlyMap<TaskId, readonly TaskId[]>,
  durationMs: (id: TaskId) => number | null,
): ReadonlyMap<TaskId, number> {
  const ways = new Map<TaskId, number>();
  for (const id of waves(graph).flat().toReversed()) {
    const behind = Math.max(0, ...(dependents.get(id) ?? []).map((each) => ways.get(each) ?? 0));
    ways.set(id, behind + (durationMs(id) ?? unknownDurationMs));
  }
  return ways;
}
