import type { ExitStatus, PackageName, TaskId, UserErrorCode } from "@slipway/kernel";

/**
 * What a run says while it goes on, in order. `run --json` prints one a line; a reporter renders the same values.
 * `started` comes first and `finished` last, each once; every task of the plan ends in exactly one `task` event.
 */
export type RunEvent =
  | RunStarted
  | TaskStarted
  | TaskOutput
  | TaskReady
  | TaskEnded
  | RunStopping
  | RunNotice
  | RunFinished;

export interface RunStarted {
  readonly type: "started";
  /** Tasks that have something to run; those that only pass their needs through do not count. */
  readonly tasks: number;
  readonly packages: number;
  readonly concurrency: number;
}

/** The task's first process starts now (a miss, or a task without cache). Hits have no such event. */
export interface TaskStarted {
  readonly type: "start";
  readonly id: TaskId;
  readonly package: PackageName;
  readonly task: string;
  readonly command: string;
  readonly cache: "miss" | "off";
  /** Why it could not come from the cache: the first difference to the last recorded run. */
  readonly reason: string;
}

/** A piece of what the task wrote, as it came: pieces do not end at lines. */
export interface TaskOutput {
  readonly type: "output";
  readonly id: TaskId;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  /** True: this was stored by an earlier run and is shown again. */
  readonly replayed: boolean;
}

/** A persistent task can be used now. */
export interface TaskReady {
  readonly type: "ready";
  readonly id: TaskId;
  readonly because: string;
}

/** The run was asked to end: nothing starts any more, and what runs is asked to end too. */
export interface RunStopping {
  readonly type: "stopping";
  /** Tasks that run now. */
  readonly running: readonly TaskId[];
}

export interface TaskEnded {
  readonly type: "task";
  readonly id: TaskId;
  readonly package: PackageName;
  readonly task: string;
  readonly status: "ok" | "failed" | "skipped";
  /** `off`: the task is not cached, was stopped or skipped, or has nothing to run. */
  readonly cache: "hit" | "miss" | "off";
  /** In words: why it missed, failed or was skipped. */
  readonly reason?: string;
  /** Of a failure that is no failure of the command: its heading in docs/errors.md, and what to do. */
  readonly code?: UserErrorCode;
  readonly hint?: string;
  /** The first differences to the last recorded run of this task; only for a miss with an earlier run. */
  readonly differences?: readonly FingerprintDifference[];
  /** For a hit: outputs stood in the work tree already, or were written from the store (from this machine or a shared one). */
  readonly from?: "work-tree" | "store" | "remote";
  /** What the task is known by in the store; missing where nothing was computed. */
  readonly fingerprint?: string;
  readonly exitCode?: number | null;
  readonly signal?: string;
  readonly durationMs: number;
  /** True: it did not run, since its inputs are those with which it last succeeded in this session. It has no cache. */
  readonly unchanged?: true;
  /** For a hit: how long the recorded run took. */
  readonly savedMs?: number;
}

/** One input that differs: its name as a path of keys (`["files", "packages/a/src/index.ts"]`). Null: not there. */
export interface FingerprintDifference {
  readonly at: readonly string[];
  readonly before: string | null;
  readonly after: string | null;
}

/** Something that a person should know and that fails nothing: a cache fault, a result that was not stored. */
export interface RunNotice {
  readonly type: "notice";
  readonly code:
    | "cache/damaged"
    | "cache/not-restored"
    | "cache/not-stored"
    | "cache/disk-full"
    | "cache/unreachable"
    | "inputs/changed-while-running"
    | "outputs/none"
    | "run/elsewhere"
    | "inputs/unknown"
    | "outputs/left-over"
    | "outputs/unkeepable"
    | "outputs/shared"
    | "outputs/kept";
  readonly id?: TaskId;
  readonly message: string;
  readonly hint?: string;
}

export interface RunFinished {
  readonly type: "finished";
  readonly tasks: number;
  readonly hits: number;
  readonly misses: number;
  readonly failed: number;
  readonly skipped: number;
  /** 0, 1 when a task failed, 130 when the run was interrupted. */
  readonly exit: ExitStatus;
  readonly durationMs: number;
  /** The sum of the recorded durations of all hits. */
  readonly savedMs: number;
}
