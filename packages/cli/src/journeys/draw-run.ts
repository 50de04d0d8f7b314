import type { TaskId } from "@slipway/kernel";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { RecordedRun } from "../report/run/recorded-run.ts";
import type { Flags, RunContext } from "./run-context.ts";

/** The pictures of a run that were asked for, however it ended. */
export async function drawRun(run: RecordedRun, flags: Flags, around: RunContext): Promise<void> {
  if (flags.trace !== undefined) {
    const { chromeTrace } = await import("../report/run/trace.ts");
    await writeFile(resolve(around.cwd, flags.trace), JSON.stringify(chromeTrace(run.events)));
  }
  if (flags.summary && !flags.json) {
    const { runSummary } = await import("../report/run/run-summary.ts");
    const needs = new Map(Object.entries(run.needs) as [TaskId, readonly TaskId[]][]);
    around.say(runSummary(run.events, needs, around.terminal));
  }
}
