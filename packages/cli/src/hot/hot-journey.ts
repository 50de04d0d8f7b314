import type { Context } from "../command.ts";
import type { Reporter } from "../report/run/reporter.ts";
import { findHotRun, type HotRun } from "./find-hot-run.ts";
import type { HotOutcome } from "./hot-outcome.ts";
import { noteRepetition } from "./note-repetition.ts";
import { tellHotRun } from "./tell-hot-run.ts";

type HotContext = Pick<Context, "cwd" | "env" | "positionals" | "rest" | "terminal" | "answer" | "say">;

export interface HotFlags extends Readonly<Record<string, unknown>> {
  readonly json: boolean;
  readonly "output-logs": string | undefined;
  readonly "log-order": string;
}

/**
 * The way of a run in which nothing has to be done: one state file is read, every input and output is looked at once,
 * and the answer is said. Loads nothing that reads a workspace, plans or runs.
 */
export async function hotJourney(
  flags: HotFlags,
  reporterOf: (tasks: HotRun["tasks"]) => Reporter,
  context: HotContext,
): Promise<HotOutcome> {
  const { cwd, env, positionals: words, rest } = context;
  const startedMs = Date.now();
  const request = { cwd, words, options: flags, rest };
  const known = findHotRun(request, env);
  if (!known?.complete) return { kind: "run", request, startedMs, known };
  for (const line of known.facts.said) context.say(line);
  const reporter = reporterOf(known.tasks);
  try {
    const exit = tellHotRun(known, (event) => reporter.event(event), !hidesLogs(flags));
    await noteRepetition(known, words, startedMs);
    return { kind: "told", exit };
  } finally {
    reporter.end();
  }
}

/** What no one will see need not be read. */
function hidesLogs(flags: HotFlags): boolean {
  return (
    !flags.json && ["none", "hash-only", "errors-only", "new-only"].includes(flags["output-logs"] ?? "full")
  );
}
