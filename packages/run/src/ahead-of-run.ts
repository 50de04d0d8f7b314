import type { TaskId } from "@slipway/kernel";
import type { PlannedTask } from "@slipway/plan";
import { countsThoughEmpty } from "./fingerprint-task.ts";
import { owned } from "./own-outputs.ts";
import type { RecordedOutput, ResultAhead } from "./ports.ts";
import { hasRivals } from "./shared-outputs.ts";
import type { TaskSurroundings, UntouchedTask } from "./surroundings.ts";

/** Enough for the other thread to begin with while the rest is told to it. */
const toldAtOnce = 64;

/** What another thread puts back while the run goes through its tasks; where there is none, nothing. */
export class AheadOfRun {
  readonly #around: TaskSurroundings;

  constructor(around: TaskSurroundings) {
    this.#around = around;
  }

  /**
   * Gives out what will be put back if nothing is wrong with it: tasks of which neither the inputs nor those of their needs
   * were touched. From the end, since the run begins at the other one.
   *
   * @param tasks in the plan's order
   * @param isLeft whether a need that is not among them is as its last run left it
   */
  begin(tasks: readonly PlannedTask[], isLeft: (need: TaskId) => boolean): void {
    const { ports, options } = this.#around;
    const { ahead } = ports;
    if (!ahead || !options.cache.read || ports.stop.requested) return;
    let told: ResultAhead[] = [];
    for (const { task, known } of this.#restorable(tasks, isLeft).toReversed()) {
      const result = this.#resultOf(task, known);
      if (result) told.push(result);
      if (told.length < toldAtOnce) continue;
      ahead.begin(told);
      told = [];
    }
    if (told.length > 0) ahead.begin(told);
  }

  /** What was put back of the task; null: nothing, and nothing will be but by the run itself. */
  async take(id: TaskId): Promise<readonly RecordedOutput[] | null> {
    const { ahead, records } = this.#around.ports;
    const outputs = (await ahead?.take(id)) ?? null;
    if (outputs) records.restored(id, outputs);
    return outputs;
  }

  /** What was put back of tasks that the run did not come to stands there all the same. */
  async end(): Promise<void> {
    const { ahead, records } = this.#around.ports;
    for (const [id, outputs] of (await ahead?.end()) ?? []) records.restored(id, outputs);
  }

  #restorable(
    tasks: readonly PlannedTask[],
    isLeft: (need: TaskId) => boolean,
  ): { readonly task: PlannedTask; readonly known: UntouchedTask }[] {
    const { untouched } = this.#around.options;
    const holding = new Set<TaskId>();
    return tasks.flatMap((task) => {
      if (!task.needs.every((need) => holding.has(need) || isLeft(need))) return [];
      const known = untouched?.(task.id) ?? null;
      const isEmpty = !task.action && !countsThoughEmpty(task);
      if (known || isEmpty) holding.add(task.id);
      return known && task.action && !known.inPlace ? [{ task, known }] : [];
    });
  }

  /** Null for what other tasks may write too, and for what is known by another fingerprint. */
  #resultOf({ id, outputSpec: spec }: PlannedTask, { fingerprint }: UntouchedTask): ResultAhead | null {
    const { plan, ports } = this.#around;
    const record = ports.records.last(id);
    if (record?.fingerprint !== fingerprint || hasRivals(plan, id)) return null;
    const own = new Set(owned(record).map(({ path }) => path));
    const isOwn = (path: string): boolean => own.has(path) || !ports.tree.counts(path);
    return { id, fingerprint, spec, outputs: record.outputs, isOwn };
  }
}
