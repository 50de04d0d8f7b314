import type { TaskId } from "@slipway/kernel";
import type { PlannedTask, RunPlan } from "@slipway/plan";
import type { RunFinished, TaskEnded } from "./events.ts";
import { passThroughFingerprint, type FingerprintSources, type TaskFacts } from "./fingerprint-task.ts";
import type { RunPorts } from "./ports.ts";
import { ReadyQueue } from "./ready-queue.ts";
import { TaskProcesses } from "./run-processes.ts";
import { restoreKnown } from "./restore-known.ts";
import { replayLog, runTask, type TaskDone } from "./run-task.ts";
import type { RunOptions, TaskSurroundings, UntouchedTask } from "./surroundings.ts";

/**
 * Does a RunPlan: every task once, after what it needs, side by side as far as `concurrency` allows. A task that fails
 * stops those that need it, nothing else, unless the options say so. Never throws for a task or for the cache.
 */
export async function executeRun(plan: RunPlan, ports: RunPorts, options: RunOptions): Promise<RunFinished> {
  return new Run(plan, ports, options).finish();
}

class Run {
  readonly #around: TaskSurroundings;
  readonly #queue: ReadyQueue;
  readonly #facts = new Map<TaskId, TaskFacts>();
  readonly #ends = new Map<TaskId, TaskEnded>();
  readonly #running = new Map<TaskId, { readonly processes: TaskProcesses; readonly takesPlace: boolean }>();
  readonly #startedMs: number;
  #wake: () => void = () => {};
  #bug: { readonly error: unknown } | null = null;
  #failedAny = false;

  constructor(plan: RunPlan, ports: RunPorts, options: RunOptions) {
    const sources: FingerprintSources = {
      plan,
      tree: ports.tree,
      processes: ports.processes,
      trustDomain: options.trustDomain,
      prePost: options.habits.prePost,
      scriptSettings: { shell: options.habits.shell, nodeOptions: options.habits.nodeOptions },
      facts: (id) => this.#facts.get(id),
      once: new Map(),
      globals: { snapshot: null },
      keyedDigest: ports.keyedDigest,
    };
    this.#around = { plan, ports, options, sources };
    this.#queue = new ReadyQueue(plan.tasks, (id) => ports.records.durationMs(id));
    this.#startedMs = ports.clock.now();
  }

  async finish(): Promise<RunFinished> {
    const { plan, ports, options } = this.#around;
    const real = plan.tasks.filter(({ action }) => action);
    const packages = new Set(real.map((task) => task.package)).size;
    ports.report({ type: "started", tasks: real.length, packages, concurrency: options.concurrency });
    const unlisten = ports.stop.onRequest(() => this.#stop());
    try {
      await this.#loop();
      if (!ports.stop.requested) await ports.store.sent?.();
    } finally {
      unlisten();
      ports.records.flush();
    }
    const finished = this.#finished(real.length);
    ports.report(finished);
    return finished;
  }

  async #loop(): Promise<void> {
    for (;;) {
      if (this.#bug) throw this.#bug.error;
      while (this.#startNext()) {
        // As many as there is place for.
      }
      if (this.#running.size === 0) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    for (const task of this.#queue.rest()) this.#skip(task);
  }

  #startNext(): boolean {
    const { ports, options } = this.#around;
    if (ports.stop.requested || (this.#failedAny && options.continue === "never")) return false;
    const places = [...this.#running.values()].filter((one) => one.takesPlace && !one.processes.ended).length;
    const task = this.#queue.next({ free: options.concurrency - places, running: [...this.#running.keys()] });
    if (!task) return false;
    const failedNeed = task.needs.find((id) => this.#ends.get(id)?.status !== "ok" && this.#ends.has(id));
    if (failedNeed !== undefined && options.continue !== "always") this.#skip(task, failedNeed);
    else if (!task.action) this.#passThrough(task);
    else this.#leaveOrStart(task);
    return true;
  }

  /** A task that was not touched, and whose needs were not either, is a hit without a further look. */
  #leaveOrStart(task: PlannedTask): void {
    const { options } = this.#around;
    const known = options.cache.read ? options.untouched?.(task.id) : null;
    const holds = known && task.needs.every((need) => this.#facts.get(need)?.untouched) ? known : null;
    if (holds?.inPlace) this.#leave(task, holds);
    else this.#start(task, holds);
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
    this.#end(task, { ...this.#plainEnd(task, "ok"), cache: "hit", from: "work-tree", fingerprint, savedMs });
  }

  #start(task: PlannedTask, known: UntouchedTask | null): void {
    const processes = new TaskProcesses(this.#around.ports.processes, () => this.#wake());
    this.#running.set(task.id, { processes, takesPlace: !task.persistent });
    if (task.persistent) this.#queue.done(task.id);
    const { needs } = task;
    this.#carriedOut(task, processes, known).then(
      ({ ended, fingerprint, outputs, untouched = false }) => {
        this.#facts.set(task.id, { fingerprint, outputs: () => outputs, needs, untouched });
        this.#end(task, ended);
      },
      (error: unknown) => {
        this.#bug = { error };
        this.#wake();
      },
    );
  }

  async #carriedOut(
    task: PlannedTask,
    processes: TaskProcesses,
    known: UntouchedTask | null,
  ): Promise<TaskDone> {
    const restored = known ? await restoreKnown(task, known, this.#around) : null;
    return restored ?? runTask(task, processes, this.#around);
  }

  #end(task: PlannedTask, ended: TaskEnded): void {
    this.#running.delete(task.id);
    this.#ends.set(task.id, ended);
    if (ended.status === "failed") this.#failedAny = true;
    if (task.action) this.#around.ports.report(ended);
    this.#queue.done(task.id);
    this.#wake();
  }

  #passThrough(task: PlannedTask): void {
    const fingerprint = passThroughFingerprint(task, this.#around.sources);
    const untouched = task.needs.every((need) => this.#facts.get(need)?.untouched ?? true);
    this.#facts.set(task.id, { fingerprint, outputs: () => [], needs: task.needs, untouched });
    this.#end(task, this.#plainEnd(task, "ok"));
  }

  #skip(task: PlannedTask, failedNeed?: TaskId): void {
    const { stop } = this.#around.ports;
    const because = stop.requested ? "the run was interrupted" : "another task failed";
    const reason = failedNeed === undefined ? because : `${failedNeed} did not succeed`;
    this.#end(task, { ...this.#plainEnd(task, "skipped"), reason });
  }

  #plainEnd(task: PlannedTask, status: "ok" | "skipped"): TaskEnded {
    const { id, package: packageName, task: name } = task;
    return { type: "task", id, package: packageName, task: name, status, cache: "off", durationMs: 0 };
  }

  #stop(): void {
    for (const { processes } of this.#running.values()) processes.stop();
    this.#wake();
  }

  #finished(tasks: number): RunFinished {
    const { plan, ports } = this.#around;
    const ends = plan.tasks.filter(({ action }) => action).flatMap(({ id }) => this.#ends.get(id) ?? []);
    const count = (is: (end: TaskEnded) => boolean): number => ends.filter(is).length;
    const failed = count(({ status }) => status === "failed");
    return {
      type: "finished",
      tasks,
      hits: count(({ cache }) => cache === "hit"),
      misses: count(({ cache }) => cache === "miss"),
      failed,
      skipped: count(({ status }) => status === "skipped"),
      exit: ports.stop.requested ? 130 : failed > 0 ? 1 : 0,
      durationMs: ports.clock.now() - this.#startedMs,
      savedMs: ends.reduce((sum, { savedMs = 0 }) => sum + savedMs, 0),
    };
  }
}
