import type { Sha256, TaskId } from "@slipway/kernel";
import type { PlannedTask, RunPlan } from "@slipway/plan";
import { AheadOfRun } from "./ahead-of-run.ts";
import type { RunFinished, TaskEnded } from "./events.ts";
import type { TaskDone } from "./execution.ts";
import { fingerprintSources } from "./fingerprint-sources.ts";
import { countsThoughEmpty, type TaskFacts } from "./fingerprint-task.ts";
import { countFiles, passThroughFingerprint } from "./pass-through.ts";
import { fitsBeside } from "./memory-fit.ts";
import type { RunPorts } from "./ports.ts";
import { ReadyQueue } from "./ready-queue.ts";
import { TaskProcesses } from "./run-processes.ts";
import { runFinished } from "./run-finished.ts";
import { restoredAhead, restoreKnown } from "./restore-known.ts";
import { replayLog } from "./from-cache.ts";
import { runTask, type TaskProgress } from "./run-task.ts";
import type { RunOptions, RunSession, TaskSurroundings, UntouchedTask } from "./surroundings.ts";
import { overlapOf } from "./shared-outputs.ts";
import { outdated, plainEnd } from "./task-end.ts";
import { unneededTasks } from "./unneeded-tasks.ts";

/**
 * Does a RunPlan: every task once, after what it needs, side by side as far as `concurrency` allows. A task that fails
 * stops those that need it, nothing else, unless the options say so. Never throws for a task or for the cache.
 */
export async function executeRun(plan: RunPlan, ports: RunPorts, options: RunOptions): Promise<RunFinished> {
  return new Run(plan, ports, options).finish();
}

interface Running {
  readonly task: PlannedTask;
  readonly processes: TaskProcesses;
  readonly takesPlace: boolean;
  /** Asked to end because its inputs changed: it will run again. */
  outdated: boolean;
}

class Run {
  readonly #around: TaskSurroundings;
  readonly #ahead: AheadOfRun;
  /** Of all that is not left as it is. */
  #queue = new ReadyQueue([], () => null);
  readonly #facts: Map<TaskId, TaskFacts>;
  readonly #ends = new Map<TaskId, TaskEnded>();
  readonly #running = new Map<TaskId, Running>();
  readonly #unneeded: (id: TaskId, ends: ReadonlyMap<TaskId, TaskEnded>) => boolean;
  readonly #startedMs: number;
  #wake: () => void = () => {};
  #bug: { readonly error: unknown } | null = null;
  #failedAny = false;

  constructor(plan: RunPlan, ports: RunPorts, options: RunOptions) {
    this.#facts = options.session?.facts ?? new Map<TaskId, TaskFacts>();
    const sources = fingerprintSources(plan, { ports, options }, (id) => this.#facts.get(id));
    this.#around = { plan, ports, options, sources };
    this.#ahead = new AheadOfRun(this.#around);
    this.#unneeded = unneededTasks(plan);
    this.#startedMs = ports.clock.now();
  }

  async finish(): Promise<RunFinished> {
    const { plan, ports, options } = this.#around;
    const real = plan.tasks.filter(({ action }) => action);
    const packages = new Set(real.map((task) => task.package)).size;
    ports.report({ type: "started", tasks: real.length, packages, concurrency: options.concurrency });
    options.session?.onRun((ids) => this.#interrupt(ids));
    const unlisten = ports.stop.onRequest(() => this.#stop());
    try {
      await this.#loop();
      if (!ports.stop.requested) await ports.store.sent?.();
    } finally {
      unlisten();
      await this.#ahead.end();
      const settled = this.#restoredAny() ? ports.tree.settled() : null;
      await ports.processes.close?.();
      ports.records.flush();
      await settled;
    }
    const ends = plan.tasks.filter(({ action }) => action).flatMap(({ id }) => this.#ends.get(id) ?? []);
    const durationMs = ports.clock.now() - this.#startedMs;
    const finished = runFinished(ends, { tasks: real.length, durationMs, stopped: ports.stop.requested });
    ports.report(finished);
    return finished;
  }

  /** What was put back a moment ago could be changed within the same tick without its stamps telling. */
  #restoredAny(): boolean {
    return [...this.#ends.values()].some(({ from }) => from === "store" || from === "remote");
  }

  async #loop(): Promise<void> {
    const rest = this.#leaveUntouched();
    this.#ahead.begin(rest, (id) => this.#facts.get(id)?.untouched ?? false);
    this.#queue = new ReadyQueue(rest, (id) => this.#around.ports.records.durationMs(id));
    for (;;) {
      if (this.#bug) throw this.#bug.error;
      while (this.#startNext()) {
        // As many as there is place for.
      }
      this.#stopUnneeded();
      if (this.#running.size === 0) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    for (const task of this.#queue.rest()) this.#skip(task);
  }

  #startNext(): boolean {
    const { options } = this.#around;
    if (this.#startsNothing) return false;
    const placed = [...this.#running.values()].filter((one) => one.takesPlace);
    const task = this.#queue.next({
      free: options.concurrency - placed.filter(({ processes }) => !processes.ended).length,
      running: placed.map((one) => one.task.id),
      fits: (candidate) => fitsBeside(candidate, placed, this.#around),
    });
    if (!task) return false;
    const failedNeed = task.needs.find((id) => this.#hasFailed(id));
    if (failedNeed !== undefined && options.continue !== "always") this.#skip(task, failedNeed);
    else if (!task.action && !countsThoughEmpty(task)) this.#passThrough(task);
    else this.#leaveOrStart(task);
    return true;
  }

  get #startsNothing(): boolean {
    const { ports, options } = this.#around;
    return ports.stop.requested || (this.#failedAny && options.continue === "never");
  }

  #hasFailed(id: TaskId): boolean {
    const end = this.#ends.get(id);
    if (end) return end.status !== "ok";
    return this.#around.options.session?.failed.has(id) ?? false;
  }

  /**
   * What was seen to be as its last run left it waits for nobody and for no place.
   *
   * @returns the tasks that are still to do, in the plan's order, in which each stands after its needs
   */
  #leaveUntouched(): readonly PlannedTask[] {
    const { plan, options } = this.#around;
    if (!options.untouched || !options.cache.read || this.#startsNothing) return plan.tasks;
    return plan.tasks.filter((task) => !this.#isLeft(task));
  }

  #isLeft(task: PlannedTask): boolean {
    const isPassedThrough = !task.action && !countsThoughEmpty(task);
    if (isPassedThrough && this.#needsHold(task)) this.#passThrough(task);
    const holds = isPassedThrough ? null : this.#holds(task);
    if (holds?.inPlace) this.#leave(task, holds);
    return this.#ends.has(task.id);
  }

  #leaveOrStart(task: PlannedTask): void {
    const holds = this.#holds(task);
    if (holds?.inPlace) this.#leave(task, holds);
    else this.#start(task, holds);
  }

  /** A task that was not touched, and whose needs were not either, is a hit without a further look. */
  #holds(task: PlannedTask): UntouchedTask | null {
    const { options } = this.#around;
    const known = options.cache.read ? options.untouched?.(task.id) : null;
    return known && this.#needsHold(task) && !this.#overlaps(task) ? known : null;
  }

  #needsHold({ needs }: PlannedTask): boolean {
    return needs.every((need) => this.#facts.get(need)?.untouched);
  }

  /** Another task may have put what it made over what this one had made, since that was seen in place. */
  #overlaps(task: PlannedTask): boolean {
    const { records } = this.#around.ports;
    return overlapOf(task, () => records.last(task.id)?.outputs ?? [], this.#around) !== null;
  }

  #leave(task: PlannedTask, { fingerprint, log, durationMs: savedMs }: UntouchedTask): void {
    const { ports } = this.#around;
    this.#facts.set(task.id, {
      fingerprint,
      outputs: () => ports.records.last(task.id)?.outputs ?? [],
      needs: task.needs,
      untouched: true,
    });
    replayLog(task.id, log, ports);
    this.#end(task, { ...plainEnd(task, "ok"), cache: "hit", from: "work-tree", fingerprint, savedMs });
  }

  #start(task: PlannedTask, known: UntouchedTask | null): void {
    const processes = new TaskProcesses(this.#around.ports.processes, () => this.#wake());
    const running = {
      task,
      processes,
      takesPlace: task.action !== null && !task.persistent,
      outdated: false,
    };
    this.#running.set(task.id, running);
    const { session } = this.#around.options;
    const onReady = (fingerprint: Sha256): void => {
      this.#learn(task, { fingerprint, outputs: [] });
      if (session) this.#handOver(running, ended, session);
      this.#queue.done(task.id);
      this.#wake();
    };
    const ended = this.#carriedOut(task, { processes, onReady }, known).then(
      (done) => {
        if (this.#running.get(task.id) !== running) return session?.onServedEnd(done.ended);
        this.#learn(task, done);
        this.#end(task, running.outdated ? outdated(done.ended) : done.ended);
      },
      (error: unknown) => {
        this.#bug = { error };
        this.#wake();
      },
    );
  }

  async #carriedOut(
    task: PlannedTask,
    progress: TaskProgress,
    known: UntouchedTask | null,
  ): Promise<TaskDone> {
    if (!task.action) return countFiles(task, this.#around);
    const outputs = await this.#ahead.take(task.id);
    if (outputs && known) return restoredAhead(task, known, { outputs, around: this.#around });
    const restored = known ? await restoreKnown(task, known, this.#around) : null;
    return restored ?? runTask(task, progress, this.#around);
  }

  #learn(
    { id, needs }: PlannedTask,
    { fingerprint, outputs, untouched = false }: Omit<TaskDone, "ended">,
  ): void {
    this.#facts.set(id, { fingerprint, outputs: () => outputs, needs, untouched });
  }

  /** From here on the task is the session's: this run has done its part. */
  #handOver({ task, processes }: Running, ended: Promise<void>, session: RunSession): void {
    this.#running.delete(task.id);
    session.serving.set(task.id, { task, stop: () => processes.stop(), ended });
    this.#ends.set(task.id, plainEnd(task, "ok"));
  }

  #end(task: PlannedTask, ended: TaskEnded): void {
    const { ports, options } = this.#around;
    this.#running.delete(task.id);
    this.#ends.set(task.id, ended);
    if (ended.status === "failed") this.#failedAny = true;
    if (task.action) ports.report(ended);
    options.session?.failed[ended.status === "ok" ? "delete" : "add"](task.id);
    if (ended.status === "ok" && !task.cache && ended.fingerprint !== undefined) {
      options.session?.done.set(task.id, ended.fingerprint);
    }
    this.#queue.done(task.id);
    this.#wake();
  }

  #passThrough(task: PlannedTask): void {
    const fingerprint = passThroughFingerprint(task, this.#around.sources);
    const untouched = task.needs.every((need) => this.#facts.get(need)?.untouched ?? true);
    this.#facts.set(task.id, { fingerprint, outputs: () => [], needs: task.needs, untouched });
    this.#end(task, plainEnd(task, "ok"));
  }

  #skip(task: PlannedTask, failedNeed?: TaskId): void {
    const { stop } = this.#around.ports;
    const because = stop.requested ? "the run was interrupted" : "another task failed";
    const reason = failedNeed === undefined ? because : `${failedNeed} did not succeed`;
    this.#end(task, { ...plainEnd(task, "skipped"), reason });
  }

  #stop(): void {
    this.#around.ports.report({ type: "stopping", running: [...this.#running.keys()] });
    for (const { processes } of this.#running.values()) processes.stop();
    this.#wake();
  }

  #interrupt(ids: readonly TaskId[]): void {
    for (const id of ids) {
      const running = this.#running.get(id);
      if (!running) continue;
      running.outdated = true;
      running.processes.stop();
    }
  }

  /** A server that was started for others ends with the last of them, or when no more of them will start. */
  #stopUnneeded(): void {
    if (this.#around.options.session) return;
    const isOver = this.#startsNothing && ![...this.#running.values()].some((one) => one.takesPlace);
    for (const { task, processes } of this.#running.values()) {
      if (task.persistent && (isOver || this.#unneeded(task.id, this.#ends))) processes.stop();
    }
  }
}
