import type { Sha256 } from "@slipway/kernel";
import type { FingerprintDifference, TaskEnded } from "./events.ts";
import type { OutputFile } from "./ports.ts";
import type { TaskProcesses } from "./run-processes.ts";
import type { TaskSurroundings } from "./surroundings.ts";

export interface TaskDone {
  readonly ended: TaskEnded;
  readonly fingerprint: Sha256;
  readonly outputs: readonly OutputFile[];
  /** True: everything is as the task's last run left it. */
  readonly untouched?: boolean;
}

export type Miss = { readonly reason: string; readonly differences: readonly FingerprintDifference[] };

/** A task that has to run: with what, and how its end is told. */
export interface Execution {
  readonly processes: TaskProcesses;
  readonly around: TaskSurroundings;
  readonly cached: boolean;
  readonly miss: Miss;
  ended(rest: Pick<TaskEnded, "status" | "cache"> & Partial<TaskEnded>): TaskEnded;
}
