import type { TaskId } from "@slipway/kernel";
import type { RunNotice, TaskEnded, TaskOutput } from "@slipway/run";
import { annotation, group } from "../github.ts";
import { painter } from "../paint.ts";
import { endLine, noticeLine, stoppingLine, summaryLines } from "./lines.ts";
import type { OutputLogs, Reporter, ReporterOptions } from "./reporter.ts";
import { taskLog, type TaskLog } from "./task-log.ts";

/**
 * One line for each task's end, with what the task wrote below it: that account is the answer, all else the story.
 * A task that never ends, or that runs alone, is shown while it writes.
 */
export function plainReporter(options: ReporterOptions): Reporter {
  const { outside } = options;
  const paint = painter(outside.terminal.color);
  const shows = showing(options);
  const logs = new Map<TaskId, TaskLog>();
  const failures: TaskEnded[] = [];
  const wrote = (event: TaskOutput): void => {
    const { id, text, replayed } = event;
    const mode = shows.mode(id);
    if (mode === "none" || mode === "hash-only" || (replayed && mode !== "full")) return;
    const log = logs.get(id) ?? taskLog({ prefix: shows.prefix(id), streamed: shows.streamed(id) });
    logs.set(id, log);
    const lines = log.take(text);
    if (lines !== "") outside.answer(lines);
  };
  const ended = (task: TaskEnded): void => {
    if (task.status === "failed") failures.push(task);
    const mode = shows.mode(task.id);
    const log = logs.get(task.id);
    logs.delete(task.id);
    const left = log?.end() ?? "";
    const text = mode === "errors-only" && task.status !== "failed" ? "" : left;
    if (mode === "none" && task.status === "ok") return;
    const line = endLine(task, paint);
    const { github } = outside.terminal;
    const error = github && task.status === "failed" ? failureOf(task) : "";
    if (log?.isStreamed()) outside.answer(joined(text, line, error));
    // What failed stays open, so that it is seen at once.
    else if (github && error === "" && text !== "") outside.answer(group(line, text));
    else outside.answer(joined(line, text, error));
  };
  return {
    event(event) {
      if (event.type === "output") wrote(event);
      else if (event.type === "task") ended(event);
      else if (event.type === "ready") outside.say(`${event.id} is ready: ${event.because}`);
      else if (event.type === "stopping") outside.say(stoppingLine(event, paint));
      else if (event.type === "notice") {
        outside.say(noticeLine(event, paint));
        if (outside.terminal.github)
          outside.say(annotation("warning", { title: titleOf(event) }, event.message));
      } else if (event.type === "finished") {
        for (const line of summaryLines(event, failures, paint)) outside.say(line);
      }
    },
    end: () => {},
  };
}

/** Which part of a task's log is shown, when, and behind what. */
function showing({ outside, tasks, outputLogs, logOrder, prefix }: ReporterOptions) {
  const paint = painter(outside.terminal.color);
  const planned = new Map(tasks.map((task) => [task.id, task]));
  const alone = tasks.filter((task) => task.command !== null).length === 1;
  const mode = (id: TaskId): OutputLogs => outputLogs ?? planned.get(id)?.outputLogs ?? "full";
  return {
    mode,
    prefix: (id: TaskId): string => ((prefix ?? !alone) ? `${paint("cyan", id)}: ` : ""),
    streamed(id: TaskId): boolean {
      if (mode(id) === "errors-only") return false;
      if (logOrder !== "auto") return logOrder === "stream";
      return alone || planned.get(id)?.persistent === true;
    },
  };
}

function titleOf({ id, code }: RunNotice): string {
  return id === undefined ? code : `${id} ${code}`;
}

function joined(...texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("\n");
}

function failureOf({ id, reason }: TaskEnded): string {
  return annotation("error", { title: id }, reason ?? "failed");
}
