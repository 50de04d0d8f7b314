import type { RunPlan } from "@slipway/plan";
import { dirname } from "node:path";
import { RunHistory } from "../wire/run-history.ts";
import type { HotRun } from "./find-hot-run.ts";
import { tellHotRun } from "./tell-hot-run.ts";

/** The account of a run in which nothing had to be done, where that of the run that it repeats is kept no more. */
export function keepRepetition(known: HotRun, words: readonly string[], startedAt: number): void {
  const plan = known.state.more()?.section("plan");
  if (plan === undefined) return;
  const events: { atMs: number; event: Parameters<Parameters<typeof tellHotRun>[1]>[0] }[] = [];
  tellHotRun(known, (event) => events.push({ atMs: 0, event }), false);
  const { tasks } = JSON.parse(plan) as RunPlan;
  const needs = Object.fromEntries(tasks.map((task) => [task.id, task.needs]));
  const history = new RunHistory(dirname(dirname(known.facts.keptAt)));
  history.keep(history.newId(startedAt), { schema: 1, startedAt, words, needs, events }, new Map());
}
