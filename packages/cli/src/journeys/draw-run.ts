import { ensureDir } from "@slipway/host";
import type { TaskId } from "@slipway/kernel";
import { writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { RecordedRun } from "../report/run/recorded-run.ts";
import type { Flags, RunContext } from "./run-context.ts";

/** The accounts of a run that were asked for, however it ended. What cannot be written or sent fails nothing. */
export async function drawRun(run: RecordedRun, flags: Flags, around: RunContext): Promise<void> {
  if (flags.trace !== undefined) {
    const { chromeTrace } = await import("../report/run/trace.ts");
    const path = resolve(around.cwd, flags.trace);
    try {
      ensureDir(dirname(path));
      await writeFile(path, JSON.stringify(chromeTrace(run.events)));
    } catch (error) {
      around.say(`warning: the trace could not be written: ${(error as Error).message}`);
    }
  }
  if (flags.otlp !== undefined) {
    const { sendTrace } = await import("../wire/send-trace.ts");
    const problem = await sendTrace(run, flags.otlp, around.env);
    if (problem !== null) around.say(`warning: ${problem}`);
  }
  if (flags.summary && !flags.json) {
    const { runSummary } = await import("../report/run/run-summary.ts");
    const needs = new Map(Object.entries(run.needs) as [TaskId, readonly TaskId[]][]);
    around.say(runSummary(run.events, needs, around.terminal));
  }
}
