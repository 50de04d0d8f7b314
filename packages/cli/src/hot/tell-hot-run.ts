import type { ExitStatus } from "@slipway/kernel";
import { hotEvents } from "@slipway/run/hot";
import type { RunEvent } from "@slipway/run";
import { keptLogs, type HotRun } from "./find-hot-run.ts";
import { sinceStartMs } from "../since-start.ts";

/** Tells a run in which nothing had to be done, as the run that it repeats would have told it. */
export function tellHotRun(
  { state, tasks, facts }: HotRun,
  report: (event: RunEvent) => void,
  withLogs: boolean,
): ExitStatus {
  const logs = withLogs ? keptLogs(state) : {};
  const real = tasks.filter((task) => task.real);
  const clock = { concurrency: facts.concurrency, elapsedMs: sinceStartMs };
  for (const event of hotEvents(real, logs, clock)) report(event);
  return 0;
}
