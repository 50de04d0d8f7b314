import type { TaskEnded } from "./events.ts";
import type { Execution, TaskDone } from "./execution.ts";
import { failureReason, lastWordsLength } from "./failure-reason.ts";
import { LogMatcher } from "./log-matcher.ts";
import type { ProcessEnd } from "./ports.ts";
import type { Readiness, ReadyAnswer } from "./readiness-port.ts";
import { secretsOf, taskStart } from "./run-processes.ts";
import type { KnownTask } from "./surroundings.ts";

/**
 * One persistent task from its start to its end, which somebody else brings about. `onReady` is called once, when those
 * that need it may start: as soon as it has started where nothing says how to see that it is ready.
 */
export async function serveTask(
  one: KnownTask,
  execution: Execution,
  onReady: () => void,
): Promise<TaskDone> {
  const { task, known } = one;
  const { processes, around } = execution;
  const { ports } = around;
  const start = taskStart(task, known, around);
  ports.conceal?.(secretsOf(start, around));
  const when = task.readyWhen;
  const taken = when ? await ports.readiness.taken(when) : null;
  if (taken !== null)
    return { ended: execution.ended(takenEnd(taken)), fingerprint: known.digest, outputs: [] };
  const matcher = when?.logMatches ? new LogMatcher(when.logMatches) : null;
  const waiting = when ? ports.readiness.await({ when, env: start.env, logged: matcher?.all ?? null }) : null;
  let lastWords = "";
  const run = processes.run({
    ...start,
    onOutput(stream, text) {
      matcher?.take(stream, text);
      if (stream === 2) lastWords = (lastWords + text).slice(-lastWordsLength);
      const name = stream === 1 ? "stdout" : "stderr";
      ports.report({ type: "output", id: task.id, stream: name, text, replayed: false });
    },
  });
  const became = waiting ? await outcome(waiting, run) : started;
  if (became.kind === "late") processes.stop();
  else if (became.kind === "ready") {
    if (waiting) ports.report({ type: "ready", id: task.id, because: became.because });
    onReady();
  }
  const end = await run;
  const reason = failureReason(end, lastWords, around.options.habits.manager.name);
  const facts = { became, reason, asked: processes.wasStopped };
  return { ended: execution.ended(judged(end, facts)), fingerprint: known.digest, outputs: [] };
}

function takenEnd(place: string): ReturnType<typeof judged> {
  return {
    status: "failed",
    cache: "off",
    code: "task/port-taken",
    reason: `something answers at ${place} already, and it was not started yet`,
    hint: `end what listens there (\`ss -ltnp\` or \`lsof -i\` names it); tasks that wait would have met it instead of this one`,
  };
}

const started: ReadyAnswer = { kind: "ready", because: "it has started" };

async function outcome(
  waiting: ReturnType<Readiness["await"]>,
  run: Promise<ProcessEnd>,
): Promise<ReadyAnswer> {
  const ended = run.then((): ReadyAnswer => ({ kind: "given-up" }));
  const first = await Promise.race([waiting.answer, ended]);
  waiting.giveUp();
  return first;
}

interface EndFacts {
  readonly became: ReadyAnswer;
  /** In words, why a process ended. */
  readonly reason: string;
  /** It was asked to end. */
  readonly asked: boolean;
}

function judged(
  end: ProcessEnd,
  { became, reason, asked }: EndFacts,
): Pick<TaskEnded, "status" | "cache"> & Partial<TaskEnded> {
  const { exitCode, signal } = end;
  const failed = { status: "failed", cache: "off", exitCode, ...(signal ? { signal } : {}) } as const;
  if (became.kind === "late") return { ...failed, reason: `was not ready in time: ${became.because}` };
  if (asked) return { status: "ok", cache: "off", reason: "stopped" };
  if (became.kind === "given-up") {
    return { ...failed, reason: `${exitCode === 0 ? "ended" : reason} before it was ready` };
  }
  if (exitCode === 0) return { status: "ok", cache: "off", reason: "it ended by itself" };
  return { ...failed, reason };
}
