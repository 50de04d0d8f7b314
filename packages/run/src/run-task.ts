import type { Sha256, TaskId } from "@slipway/kernel";
import type { PlannedTask } from "@slipway/plan";
import { describeDifference, differencesOf } from "./differences.ts";
import type { TaskEnded, TaskStarted } from "./events.ts";
import type { Execution, Miss, TaskDone } from "./execution.ts";
import { failureReason, lastWordsLength } from "./failure-reason.ts";
import { fingerprintTask, type TaskFingerprint } from "./fingerprint-task.ts";
import { endFromCache, fromCache, replayLog } from "./from-cache.ts";
import { keepResult } from "./keep-result.ts";
import { overlapEnd } from "./overlap.ts";
import { clearOutputs } from "./compiler-memory.ts";
import { changedByOthers, owned } from "./own-outputs.ts";
import type { RunPorts, TaskRecord } from "./ports.ts";
import { joinedPieces, redactLog } from "./redact.ts";
import { secretsOf, taskStart, type TaskProcesses } from "./run-processes.ts";
import { serveTask } from "./serve-task.ts";
import { notice, type KnownTask, type RunOptions, type TaskSurroundings } from "./surroundings.ts";
import { TaskLog } from "./task-log.ts";

/** What is told of a task on its way. */
export interface TaskProgress {
  readonly processes: TaskProcesses;
  /** A persistent task: those that need it may start. */
  readonly onReady: (fingerprint: Sha256) => void;
}

/** One task from its fingerprint to its end. Everything it needs is done. */
export async function runTask(
  task: PlannedTask,
  { processes, onReady }: TaskProgress,
  around: TaskSurroundings,
): Promise<TaskDone> {
  const { ports, options, sources } = around;
  const startedMs = ports.clock.now();
  const record = ports.records.last(task.id);
  const known = await fingerprintTask(task, sources, ownMadeFiles(record, ports));
  const ended = (rest: Pick<TaskEnded, "status" | "cache"> & Partial<TaskEnded>): TaskEnded => ({
    type: "task",
    id: task.id,
    package: task.package,
    task: task.task,
    fingerprint: known.digest,
    ...rest,
    durationMs: ports.clock.now() - startedMs,
  });
  const cached = task.cache && !task.persistent;
  let unusable: string | undefined;
  if (cached && options.cache.read) {
    const found = await fromCache({ task, known, record }, around);
    if (found.kind !== "miss") {
      if (found.kind === "hit") replayLog(task.id, found.log, ports);
      return {
        ended: ended(endFromCache(task.id, found)),
        fingerprint: known.digest,
        outputs: found.outputs,
      };
    }
    unusable = found.reason;
  }
  if (!cached && options.session?.done.get(task.id) === known.digest) {
    const reason = "nothing changed since it last ran";
    const end = ended({ status: "ok", cache: "off", reason, unchanged: true });
    return { ended: end, fingerprint: known.digest, outputs: [] };
  }
  const taken = cached ? ports.locks?.take(task.id) : undefined;
  if (taken && "heldBy" in taken) {
    await elsewhere(task.id, taken.heldBy, around);
    return runTask(task, { processes, onReady }, around);
  }
  const miss: Miss = cached
    ? { ...missOf(known, record, options), ...(unusable ? { reason: unusable } : {}) }
    : { reason: "this task is not cached", differences: [] };
  tellStart(task, { cache: cached ? "miss" : "off", reason: miss.reason }, ports);
  const execution = { processes, around, cached, miss, ended };
  if (task.persistent) return serveTask({ task, known, record }, execution, () => onReady(known.digest));
  try {
    return await execute({ task, known, record }, execution);
  } finally {
    taken?.release();
  }
}

function tellStart(
  { id, package: packageName, task, command }: PlannedTask,
  why: Pick<TaskStarted, "cache" | "reason">,
  ports: RunPorts,
): void {
  ports.report({ type: "start", id, package: packageName, task, command: command ?? "", ...why });
}

/** What two processes write at the same time into the same outputs would be stored as what one of them made. */
async function elsewhere(id: TaskId, pid: number | null, around: TaskSurroundings): Promise<void> {
  const { locks, stop } = around.ports;
  const who = pid === null ? "another run" : `another run (process ${pid})`;
  notice(around, id, { code: "run/elsewhere", message: `${who} carries it out now; it is waited for` });
  await locks?.free(id, () => stop.requested);
}

async function execute(one: KnownTask, execution: Execution): Promise<TaskDone> {
  const { task, known, record } = one;
  const { around, cached, miss } = execution;
  const { ports } = around;
  const touched = cached && record ? changedByOthers(record, ports) : [];
  const cleared = cached ? clearOutputs(task, record, ports) : null;
  const log = new TaskLog();
  const startedMs = ports.clock.now();
  const start = taskStart(task, known, around);
  const secrets = secretsOf(start, around);
  ports.conceal?.(secrets);
  let lastWords = "";
  const end = await execution.processes.run({
    ...start,
    onOutput(stream, text) {
      if (cached) log.add(stream, text);
      if (stream === 2) lastWords = (lastWords + text).slice(-lastWordsLength);
      const name = stream === 1 ? "stdout" : "stderr";
      ports.report({ type: "output", id: task.id, stream: name, text, replayed: false });
    },
  });
  const pieces = cached ? joinedPieces(redactLog(log.pieces(), secrets)) : [];
  const ran = { durationMs: ports.clock.now() - startedMs, log: pieces, ok: end.exitCode === 0 };
  const peakBytes = ports.memory.heldBy(task.id)?.peakBytes ?? null;
  if (ran.ok) ports.records.measure(task.id, { durationMs: ran.durationMs, peakBytes });
  const kept = cleared
    ? await keepResult(one, { ...ran, ...cleared, touched }, around)
    : { outputs: [], shared: null };
  const { outputs, shared } = kept;
  if (ran.ok && shared?.ordered === false) {
    return { ended: execution.ended(overlapEnd(task.id, shared)), fingerprint: known.digest, outputs };
  }
  const cache = cached ? "miss" : "off";
  const differences = miss.differences.length > 0 ? { differences: miss.differences } : {};
  if (ran.ok) {
    const ok = execution.ended({
      status: "ok",
      cache,
      ...(cached ? { reason: miss.reason } : {}),
      ...differences,
    });
    return { ended: ok, fingerprint: known.digest, outputs };
  }
  const reason = failureReason(end, lastWords, around.options.habits.manager.name);
  const { exitCode, signal } = end;
  const facts = { exitCode, ...(signal ? { signal } : {}), ...differences };
  return {
    ended: execution.ended({ status: "failed", cache, reason, ...facts }),
    fingerprint: known.digest,
    outputs,
  };
}

export function missOf(known: TaskFingerprint, record: TaskRecord | null, options: RunOptions): Miss {
  if (!options.cache.read) return { reason: "the cache is not read", differences: [] };
  if (!record) return { reason: "it has not run here before", differences: [] };
  const differences = differencesOf(record.value, known.value);
  const [first] = differences;
  if (first) return { reason: describeDifference(first), differences };
  const reason = record.fingerprint === null ? "its last result was not stored" : "its stored result is gone";
  return { reason, differences };
}

/** What this task made itself and nobody changed is no input of it, even where git does not ignore it. */
export function ownMadeFiles(record: TaskRecord | null, { tree }: RunPorts): ReadonlySet<string> {
  if (!record) return new Set();
  const made = owned(record).filter(({ path }) => tree.counts(path));
  return new Set(tree.unchanged(made).map(({ path }) => path));
}
