import type { TaskId } from "@slipway/kernel";
import { redactLog, type LogPiece, type RunEvent, type TaskEnded } from "@slipway/run";
import type { Reporter } from "./reporter.ts";

/** A run as it is kept: enough to be shown again, and to be drawn as a trace. */
export interface RecordedRun {
  readonly schema: 1;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** What was typed, without arguments behind `--`. */
  readonly words: readonly string[];
  /** What each task waited for. */
  readonly needs: Readonly<Record<TaskId, readonly TaskId[]>>;
  /** In order; `atMs` counts from the start. Of tasks that succeeded the output is left out. */
  readonly events: readonly RecordedEvent[];
}

export interface RecordedEvent {
  readonly atMs: number;
  readonly event: RunEvent;
}

/** Of one task's output: a failing build may write without end. */
const CHARACTERS_KEPT_MAX = 200_000;

/** What an event takes beside its text. */
const EVENT_CHARACTERS = 100;

export interface Recorder extends Reporter {
  recorded(): readonly RecordedEvent[];
  /** Values that are taken out of what is kept. */
  conceal(secrets: readonly string[]): void;
}

/** Keeps what goes by. The last of a failed task's output is kept: that is where errors stand. */
export function recorder(now: () => number): Recorder {
  const startedMs = now();
  const events: RecordedEvent[] = [];
  const secrets = new Set<string>();
  const outputs = new Map<string, { kept: RecordedEvent[]; characters: number }>();
  return {
    event(event) {
      const entry = { atMs: Math.round(now() - startedMs), event };
      if (event.type === "output") {
        const log = outputs.get(event.id) ?? { kept: [], characters: 0 };
        outputs.set(event.id, log);
        log.kept.push(entry);
        log.characters += event.text.length + EVENT_CHARACTERS;
        while (log.characters > CHARACTERS_KEPT_MAX && log.kept.length > 1) {
          const first = log.kept.shift()?.event;
          log.characters -= first?.type === "output" ? first.text.length + EVENT_CHARACTERS : 0;
        }
        return;
      }
      if (event.type === "task") {
        const log = outputs.get(event.id);
        outputs.delete(event.id);
        if (event.status === "failed" && log) events.push(...redacted(log.kept, [...secrets]));
      }
      events.push(entry);
    },
    end: () => {},
    recorded: () => events,
    conceal(values) {
      for (const value of values) secrets.add(value);
    },
  };
}

/** A failed task's output lies on the disk, too, and may go to whoever asks what went wrong. */
function redacted(kept: readonly RecordedEvent[], secrets: readonly string[]): RecordedEvent[] {
  const outputs = kept.flatMap(({ atMs, event }) => (event.type === "output" ? [{ atMs, event }] : []));
  const pieces = outputs.map(({ event }): LogPiece => [event.stream === "stdout" ? 1 : 2, event.text]);
  return redactLog(pieces, secrets).flatMap(([, text], at) => {
    const one = outputs[at];
    return one && text !== "" ? [{ ...one, event: { ...one.event, text } }] : [];
  });
}

/** A run in which nothing had to be done, from the account of the one that it repeats. */
export function repeated(run: RecordedRun, startedAt: number): RecordedRun {
  const events = run.events.flatMap(({ event }): RecordedEvent[] => {
    if (event.type === "started") return [{ atMs: 0, event }];
    if (event.type === "task") return [{ atMs: 0, event: untouched(event) }];
    if (event.type !== "finished") return [];
    const savedMs = run.events.reduce((sum, each) => sum + savedBy(each.event), 0);
    return [{ atMs: 0, event: { ...event, hits: event.tasks, misses: 0, durationMs: 0, savedMs } }];
  });
  return { ...run, startedAt, events };
}

function untouched({ id, package: name, task, fingerprint, ...before }: TaskEnded): TaskEnded {
  const end = { type: "task", id, package: name, task, status: "ok", cache: "hit" } as const;
  const known = fingerprint === undefined ? {} : { fingerprint };
  return { ...end, from: "work-tree", ...known, durationMs: 0, savedMs: before.savedMs ?? before.durationMs };
}

function savedBy(event: RunEvent): number {
  return event.type === "task" ? (event.savedMs ?? event.durationMs) : 0;
}

/** One event to several reporters. */
export function together(reporters: readonly Reporter[]): Reporter {
  return {
    event(event) {
      for (const reporter of reporters) reporter.event(event);
    },
    end() {
      for (const reporter of reporters) reporter.end();
    },
  };
}
