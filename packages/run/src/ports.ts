import type { RelativePath, Sha256, TaskId } from "@slipway/kernel";
import type { FileSelector, OutputSpec } from "@slipway/workspace";
import type { RunEvent } from "./events.ts";
import type { FileMark, Fingerprint } from "./fingerprint.ts";
import type { Readiness } from "./readiness-port.ts";

/** All that a run needs of the world. Nothing here throws for what a cache can suffer: those are values. */
export interface RunPorts {
  readonly tree: WorkTree;
  readonly store: ResultStore;
  readonly ahead?: RestoreAhead;
  readonly records: Records;
  readonly processes: Processes;
  readonly readiness: Readiness;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly stop: Stop;
  readonly locks?: TaskLocks;
  readonly report: (event: RunEvent) => void;
  /** Told before a task starts: values that may stand in its output and must not be kept. */
  readonly conceal?: (secrets: readonly string[]) => void;
  /** A digest that only this machine can compute: what is kept of a secret instead of it. */
  readonly keyedDigest: (secret: string) => string;
}

/** Tasks of this work tree that are being carried out, by this process or by another one. */
export interface TaskLocks {
  take(id: TaskId): { readonly release: () => void } | { readonly heldBy: number | null };
  /** Resolves when nobody carries it out any more, or `giveUp` says so. */
  free(id: TaskId, giveUp: () => boolean): Promise<void>;
}

/** What processes hold, as far as this machine says it. */
export interface Memory {
  /** Bytes that new processes may take without others being pushed out; null when that is not known. */
  available(): number | null;
  /** Of the processes of a task that runs now, and the most they held at a time; null when nobody has looked yet. */
  heldBy(id: TaskId): Held | null;
}

export interface Held {
  readonly nowBytes: number;
  readonly peakBytes: number;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Asked for by Ctrl-C, a closed stdout or the caller. */
export interface Stop {
  readonly requested: boolean;
  /** @returns a function that takes the listener off again */
  onRequest(listener: () => void): () => void;
}

export interface WorkTree {
  /** Absolute, with forward slashes. */
  readonly root: string;
  /** The files that count, as they are now. `except` are paths that do not count whatever a selector says. */
  inputs(selectors: readonly FileSelector[], except: ReadonlySet<RelativePath>): InputSnapshot;
  /** A small text file of the tree (package.json, a dotenv file); null when it is not there. */
  text(path: RelativePath): string | null;
  /** What stands where the outputs go. */
  outputs(spec: OutputSpec): OutputSnapshot;
  /** True when every file is there and is what it was when it was recorded. */
  inPlace(outputs: readonly RecordedOutput[]): boolean;
  /** Those that nobody changed since they were recorded, and that git does not track. */
  unchanged(outputs: readonly RecordedOutput[]): readonly RecordedOutput[];
  /** Removes files and the directories that become empty by it. */
  remove(outputs: readonly Pick<RecordedOutput, "path">[]): void;
  /** Tracked by git, or untracked and not ignored. */
  counts(path: RelativePath): boolean;
  /** True: git ignores the whole directory, so that nothing in it counts. */
  hides(dir: RelativePath): boolean;
  /** Waits until whatever was written up to now cannot be changed any more without its time stamps telling. */
  settled(): Promise<void>;
  /** Names of the files and links that stand directly in a directory. */
  namesIn(dir: RelativePath): readonly string[];
}

export interface InputSnapshot {
  readonly marks: Readonly<Record<RelativePath, FileMark>>;
  /** Directories whose names decided which files these are. */
  readonly dirs: ReadonlySet<RelativePath>;
  /** Places where nothing was; something that came there would count. */
  readonly absent: ReadonlySet<RelativePath>;
  /** Files that count and whose bytes cannot be known. */
  readonly unreadable: readonly RelativePath[];
  /** Paths that were added, removed or changed since the snapshot was taken; those in `outputs` do not count. */
  changed(outputs: ReadonlySet<RelativePath>): readonly RelativePath[];
}

export interface OutputSnapshot {
  readonly paths: readonly RelativePath[];
  /** What stands there too and no store could give back: pipes, sockets, what may not be read. */
  readonly unkeepable: readonly RelativePath[];
  /** True: the same file stands there in both, whatever was written into it: its mode was not chosen anew. */
  isSameFile(path: RelativePath, as: OutputSnapshot): boolean;
  /** True: the path is not in the snapshot, or stands there with other time stamps, size or identity. */
  differs(path: RelativePath, from: OutputSnapshot): boolean;
}

export interface OutputFile {
  readonly path: RelativePath;
  readonly kind: "file" | "link";
  /** Of the bytes, or of a link's target. */
  readonly digest: Sha256;
  readonly sizeBytes: number;
  readonly executable: boolean;
  /** Where a link points, as it is written in the link. */
  readonly target?: string;
}

/** An output as a run left it, with what tells whether somebody changed it since. */
export interface RecordedOutput extends OutputFile {
  /** Opaque: time stamps, size and identity, as the work tree compares them. */
  readonly stamp: string;
  /** False: it was there before and belongs to the user; it is never removed. */
  readonly owned: boolean;
}

/** One piece of a log: 1 is stdout, 2 is stderr. */
export type LogPiece = readonly [stream: 1 | 2, text: string];

/** What a task left behind when it succeeded. */
export interface TaskResult {
  readonly outputs: readonly OutputFile[];
  readonly log: readonly LogPiece[];
  readonly durationMs: number;
}

export type StoreAnswer =
  | {
      readonly kind: "hit";
      readonly result: TaskResult;
      readonly from: "store" | "remote";
      restore(isOwn: (path: RelativePath) => boolean): Restored;
    }
  | { readonly kind: "none" }
  /** Something was there and is not any more: it was damaged and is set aside. */
  | { readonly kind: "damaged"; readonly message: string };

export type Restored =
  | { readonly ok: true; readonly outputs: readonly RecordedOutput[] }
  | { readonly ok: false; readonly message: string };

export interface ResultStore {
  /**
   * Every digest of a hit is verified before the answer is given; `restore` writes those very bytes. What it makes is
   * owned, and of what stood there before what `isOwn` says.
   */
  lookup(fingerprint: Sha256, spec: OutputSpec): Promise<StoreAnswer>;
  /** Takes the files as they stand in the work tree now. */
  store(fingerprint: Sha256, result: NewResult): Promise<Stored>;
  /** Resolves when what goes elsewhere is there, or will not get there. */
  sent?(): Promise<void>;
}

/** Puts results back on a thread of its own. */
export interface RestoreAhead {
  /** In this order, until the run takes them. */
  begin(results: readonly ResultAhead[]): void;
  /** The run has come to it. Null: nothing of it was put back, and nothing will be but by the run itself. */
  take(id: TaskId): readonly RecordedOutput[] | null | Promise<readonly RecordedOutput[] | null>;
  /** @returns what was put back and not taken */
  end(): Promise<ReadonlyMap<TaskId, readonly RecordedOutput[]>>;
}

/** A result that has to have these very outputs. */
export interface ResultAhead {
  readonly id: TaskId;
  readonly fingerprint: Sha256;
  readonly spec: OutputSpec;
  readonly outputs: readonly OutputFile[];
  /** What belongs to the task although something stood there before. */
  isOwn(path: RelativePath): boolean;
}

export interface NewResult {
  readonly id: TaskId;
  readonly paths: readonly RelativePath[];
  readonly log: readonly LogPiece[];
  readonly durationMs: number;
  readonly owned: (path: RelativePath) => boolean;
  /** False: the outputs are read and recorded, nothing goes to the store. */
  readonly keep: boolean;
}

export interface Stored {
  /** Known even when storing failed. */
  readonly outputs: readonly RecordedOutput[];
  /** Why nothing was stored; null when all was. */
  readonly problem: {
    readonly code: "cache/disk-full" | "cache/not-stored";
    readonly message: string;
  } | null;
}

/** What the last run of a task in this work tree left: the other side of every comparison. */
export interface TaskRecord {
  /** Null: the outputs are from a run whose result must not be used again. */
  readonly fingerprint: Sha256 | null;
  readonly value: Fingerprint;
  readonly outputs: readonly RecordedOutput[];
  readonly log: readonly LogPiece[];
  readonly durationMs: number;
}

export interface Records {
  last(id: TaskId): TaskRecord | null;
  /** How long the task took when it last ran, in milliseconds; null when that is not known. */
  durationMs(id: TaskId): number | null;
  /** The most that its processes held when it last ran; null when that is not known. */
  peakBytes(id: TaskId): number | null;
  /** For the next run: how long the task took and what it held. Of tasks that are not cached this is all that is kept. */
  measure(id: TaskId, measured: Measured): void;
  /** `inputs` are what the fingerprint was taken from; the same record again says that it still holds. */
  write(id: TaskId, record: TaskRecord, inputs: InputSnapshot): void;
  /** What the last run recorded holds, with its outputs put there again and its inputs not looked at anew. */
  restored(id: TaskId, outputs: readonly RecordedOutput[]): void;
  /** Once, at the end of a run or when it is interrupted. */
  flush(): void;
}

export interface Measured {
  readonly durationMs: number;
  readonly peakBytes: number | null;
}

export interface ProcessSpec {
  readonly id: TaskId;
  /** A shell line; `shell` null takes the system's. */
  readonly line: string;
  readonly shell: string | null;
  /** Relative to the root. */
  readonly dir: RelativePath;
  readonly env: Readonly<Record<string, string>>;
  readonly onOutput: (stream: 1 | 2, text: string) => void;
  /** Set where it is nx that carries it out; `line` is what to start when this nx can only be started. */
  readonly executor?: ExecutorCall;
}

/** One target of an nx project, by nx's names. */
export interface ExecutorCall {
  readonly project: string;
  readonly target: string;
  readonly configuration: string | null;
  readonly args: readonly string[];
  /** Above those that the target declares. */
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface ProcessEnd {
  /** Null when a signal ended it, or when it could not start. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Set when the process could not start. */
  readonly problem: string | null;
}

export interface RunningProcess {
  readonly ended: Promise<ProcessEnd>;
  /** Asks the whole process tree to end; after a while it is killed. */
  stop(): void;
  /** Kills the whole process tree now. */
  kill(): void;
}

export interface Processes {
  start(spec: ProcessSpec): RunningProcess;
  /** Nothing is started any more, for now: what only helped to start ends. */
  close?(): Promise<void>;
  /** The whole environment of the caller. */
  readonly env: Readonly<Record<string, string>>;
  /** The caller's own tools and machine, as they count in a fingerprint. */
  readonly platform: Platform;
  /** Runs a shell line in the root and gives what it printed; its failure is part of the answer. */
  answerOf(line: string): Promise<string>;
}

export interface Platform {
  readonly os: string;
  readonly arch: string;
  /** What `node --version` says for the `node` on the caller's PATH; null when there is none. */
  readonly node: string | null;
  /** Absolute path of that `node`. */
  readonly nodePath: string | null;
}
