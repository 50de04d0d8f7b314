import type { Sha256, TaskId } from "@slipway/kernel";
import type { PlannedTask, RunPlan } from "@slipway/plan";
import type { ScriptHabits } from "./script-habits.ts";
import type { RunNotice, TaskEnded } from "./events.ts";
import type { FingerprintSources, TaskFacts, TaskFingerprint } from "./fingerprint-task.ts";
import type { LogPiece, RunPorts, TaskRecord } from "./ports.ts";

export interface RunOptions {
  /** How many tasks run at a time; persistent ones take no place. */
  readonly concurrency: number;
  /** `--force` reads nothing; `--no-cache` writes nothing. */
  readonly cache: { readonly read: boolean; readonly write: boolean };
  /** What goes on after a failure: nothing new, all that does not need it, or everything. */
  readonly continue: "never" | "dependencies-successful" | "always";
  /** What one domain stored is never found by another. */
  readonly trustDomain: string;
  readonly habits: ScriptHabits;
  /** When several runs follow one another in one process: what stays between them. */
  readonly session?: RunSession;
  /** Tasks of which the caller has just seen that their inputs were not touched since they were recorded. */
  readonly untouched?: (id: TaskId) => UntouchedTask | null;
  /** True: the modules that tasks load are not those of the lockfile, so what they make is neither stored nor remembered. */
  readonly foreignModules?: boolean;
}

/** What runs of one process hand on to the next: made once, changed by each run. */
export interface RunSession {
  /** What every task gave when it last ended, for those that need it and run again. */
  readonly facts: Map<TaskId, TaskFacts>;
  /** Tasks that did not succeed when they last ran: what needs them does not run either. */
  readonly failed: Set<TaskId>;
  /** Tasks without cache: the inputs with which they last succeeded. */
  readonly done: Map<TaskId, Sha256>;
  /** Persistent tasks that can be used: a run hands them over and does not wait for their end. */
  readonly serving: Map<TaskId, ServedTask>;
  /** Told when such a task has ended, for whatever reason. */
  onServedEnd(ended: TaskEnded): void;
  /** Told at the start of each run: how to ask tasks of it to end, since their inputs are not the same any more. */
  onRun(interrupt: (ids: readonly TaskId[]) => void): void;
}

export interface ServedTask {
  readonly task: PlannedTask;
  stop(): void;
  readonly ended: Promise<void>;
}

export interface UntouchedTask {
  readonly fingerprint: Sha256;
  readonly log: readonly LogPiece[];
  readonly durationMs: number;
  /** True: the outputs were not touched either. */
  readonly inPlace: boolean;
}

export interface TaskSurroundings {
  readonly plan: RunPlan;
  readonly ports: RunPorts;
  readonly options: RunOptions;
  readonly sources: FingerprintSources;
}

export interface KnownTask {
  readonly task: PlannedTask;
  readonly known: TaskFingerprint;
  readonly record: TaskRecord | null;
}

/** Says what a person should know of a task and fails nothing. */
export function notice({ ports }: TaskSurroundings, id: TaskId, said: Said): void {
  ports.report({ type: "notice", id, ...said });
}

export type Said = Pick<RunNotice, "code" | "message" | "hint">;
