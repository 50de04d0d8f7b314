import { ensureDir } from "@slipway/host";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { TaskId } from "@slipway/kernel";
import type { Fingerprint, TaskRecord } from "@slipway/run";
import type { RecordedRun } from "../report/run/recorded-run.ts";

const RUNS_KEPT_MAX = 20;

/** Time of the start in milliseconds, to the base of 36: sorted by name is sorted by time. */
const RUN_ID = /^[0-9a-z]{8}$/;

/** A run as it was kept. */
export interface KeptRun extends RecordedRun {
  readonly id: string;
  /** When it was last said again, because nothing had changed; milliseconds since the epoch. */
  readonly repeatedAt: number | null;
}

/** What a task was known by at the end of a run. `fingerprint` null: its result was not to be used again. */
export type PastFingerprint = Pick<TaskRecord, "fingerprint"> & { readonly value: Fingerprint };

/** The last runs of one work tree. Keeping them never fails a run. */
export class RunHistory {
  readonly #dir: string;

  /** @param stateDir of the work tree, absolute */
  constructor(stateDir: string) {
    this.#dir = join(stateDir, "runs");
  }

  /** A name that no kept run has. */
  newId(startedAt: number): string {
    for (let at = startedAt; ; at++) {
      const id = idOf(at);
      if (!existsSync(this.pathOf(id))) return id;
    }
  }

  /** Its time stamp says when the run was last repeated: that is all that a repetition writes. */
  pathOf(id: string): string {
    return join(this.#dir, `${id}.json`);
  }

  /** @param superseded what its tasks were known by before it */
  keep(id: string, run: RecordedRun, superseded: ReadonlyMap<string, PastFingerprint>): void {
    try {
      ensureDir(this.#dir);
      const before = [...superseded].map(([task, { fingerprint, value }]) => [task, { fingerprint, value }]);
      if (before.length > 0) write(this.#pathBefore(id), JSON.stringify(Object.fromEntries(before)));
      write(this.pathOf(id), JSON.stringify(run));
      utimesSync(this.pathOf(id), run.startedAt / 1000, run.startedAt / 1000);
      this.#dropOld();
    } catch {
      // A full disk or a read-only checkout: the run itself was done and told.
    }
  }

  /** Null when no run was kept here, or none that can be read. */
  last(): KeptRun | null {
    for (const { id } of this.#newestLast().toReversed()) {
      const run = this.run(id);
      if (run) return run;
    }
    return null;
  }

  /** Null when it is not kept (any more), or was cut off by a kill or a full disk. */
  run(id: string): KeptRun | null {
    if (!RUN_ID.test(id)) return null;
    try {
      const path = this.pathOf(id);
      const run = JSON.parse(readFileSync(path, "utf8")) as RecordedRun;
      if (run.schema !== 1) return null;
      const touchedAt = Math.round(statSync(path).mtimeMs);
      return { ...run, id, repeatedAt: touchedAt > run.startedAt ? touchedAt : null };
    } catch {
      return null;
    }
  }

  /** Newest last. */
  ids(): readonly string[] {
    return this.#newestLast().map(({ id }) => id);
  }

  /**
   * What a task was known by when a run ended. A run keeps what it replaced, so the first later run that replaced it has
   * it; where none did, it still stands. A run that was repeated saw then what it had seen before.
   *
   * @param now what the task's record says today
   */
  fingerprintAt(
    { id, repeatedAt }: KeptRun,
    task: TaskId,
    now: PastFingerprint | null,
  ): PastFingerprint | null {
    const seenLast = repeatedAt === null ? id : idOf(repeatedAt);
    const later = this.#idsByStart().filter((each) => each > seenLast);
    const replaced = later.map((each) => this.#before(each)[task]).find((each) => each !== undefined);
    return replaced ?? now;
  }

  readonly #read = new Map<string, Readonly<Record<TaskId, PastFingerprint>>>();

  #before(id: string): Readonly<Record<TaskId, PastFingerprint>> {
    const known = this.#read.get(id) ?? readJson(this.#pathBefore(id));
    this.#read.set(id, known);
    return known;
  }

  #pathBefore(id: string): string {
    return join(this.#dir, `${id}.before`);
  }

  /** Also what a kill left of a run that was never kept whole. */
  #dropOld(): void {
    const kept = new Set(this.ids().slice(-RUNS_KEPT_MAX));
    for (const name of readdirSync(this.#dir)) {
      if (!kept.has(name.slice(0, name.indexOf(".")))) rmSync(join(this.#dir, name), { force: true });
    }
  }

  #newestLast(): readonly { readonly id: string; readonly at: number }[] {
    const runs = this.#idsByStart().flatMap((id) => {
      const at = statSync(this.pathOf(id), { throwIfNoEntry: false })?.mtimeMs;
      return at === undefined ? [] : [{ id, at }];
    });
    return runs.toSorted((a, b) => a.at - b.at);
  }

  #idsByStart(): readonly string[] {
    try {
      const names = readdirSync(this.#dir).filter((name) => name.endsWith(".json"));
      const ids = names.map((name) => name.slice(0, -".json".length)).filter((id) => RUN_ID.test(id));
      return ids.toSorted();
    } catch {
      return [];
    }
  }
}

function idOf(at: number): string {
  return at.toString(36).padStart(8, "0");
}

function write(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

function readJson(path: string): Readonly<Record<TaskId, PastFingerprint>> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<TaskId, PastFingerprint>;
  } catch {
    return {};
  }
}
