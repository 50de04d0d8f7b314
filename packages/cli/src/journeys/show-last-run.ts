import { UserError, type ExitStatus, type TaskId } from "@slipway/kernel";
import { resolve } from "node:path";
import type { Outside } from "../command.ts";
import { plainReporter } from "../report/run/plain-reporter.ts";
import { repeated } from "../report/run/recorded-run.ts";
import { runSummary } from "../report/run/run-summary.ts";
import { userCacheDir } from "../wire/cache-dir.ts";
import { loadWorkspace } from "../wire/load-workspace.ts";
import { RunHistory, type KeptRun } from "../wire/run-history.ts";
import { stateDirOf } from "../wire/run-ports.ts";

/** `slipway run --last`: the last run of this work tree once more, told by what told it then. */
export function showLastRun(cacheDir: string | undefined, json: boolean, outside: Outside): ExitStatus {
  const { root } = loadWorkspace(outside.cwd);
  const state = stateDirOf(
    root,
    cacheDir === undefined ? userCacheDir(outside.env) : resolve(outside.cwd, cacheDir),
  );
  const kept = new RunHistory(state).last();
  if (!kept) {
    throw new UserError("run/none-kept", "no run of this work tree is kept", {
      hint: "`slipway run TASK` makes one",
    });
  }
  const run = kept.repeatedAt === null ? kept : { ...kept, ...repeated(kept, kept.repeatedAt) };
  if (json) {
    outside.answer(JSON.stringify(run));
    return 0;
  }
  outside.say(headingOf(kept));
  const reporter = plainReporter({
    outside,
    tasks: [],
    outputLogs: "full",
    logOrder: "grouped",
    prefix: null,
    now: () => 0,
  });
  for (const { event } of run.events) reporter.event(event);
  const needs = new Map<TaskId, readonly TaskId[]>(
    Object.entries(run.needs) as [TaskId, readonly TaskId[]][],
  );
  const summary = runSummary(run.events, needs, outside.terminal);
  if (summary !== "") outside.answer(summary);
  return 0;
}

function headingOf({ id, words, startedAt, repeatedAt }: KeptRun): string {
  const typed = `slipway ${["run", ...words].join(" ")}`;
  const first = new Date(startedAt).toISOString();
  if (repeatedAt === null) return `${typed}, ${first} (run ${id})`;
  return `${typed}, ${new Date(repeatedAt).toISOString()}: nothing had changed since ${first} (run ${id})`;
}
