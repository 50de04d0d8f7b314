import { expect, test } from "vitest";
import { prove as proveMutants } from "../../../tools/prove/release-mutants.ts";
import { playedAll, prove } from "../../../tools/prove/release-simulation.ts";
import { scheduleOf } from "../../../tools/prove/release/schedule.ts";
import failedSchedules from "./failed-schedules.json" with { type: "json" };
import schedulesForMutants from "./schedules-for-mutants.json" with { type: "json" };

test("a slice of the simulated kills and random faults violates nothing", { timeout: 120_000 }, async () => {
  const violations: string[] = [];
  const proof = await prove({ seed: 20_261_123, full: false, log: (line) => violations.push(line) });
  expect(proof.failed, violations.join("\n")).toBe(0);
  expect(proof.figures["double kills"]).toBeGreaterThan(300);
});

// Each found a hole once, and is kept as it was played: a pause that a clock put back made endless, a twin that was not
// known as one, a lag taken for an orphan, a dist-tag moved back after a look that had failed, a damaged download after
// which bytes were sent that were there, a batch tag and a promotion that both got lost, a dist-tag that was put back.
test.each(failedSchedules)(
  "the schedule of seed $seed, which once failed, violates nothing",
  async (kept) => {
    expect(await playedAll([scheduleOf(kept)])).toEqual([]);
  },
);

test.each(schedulesForMutants)("the schedule that finds that $mutant violates nothing", async (kept) => {
  expect(await playedAll([scheduleOf(kept)])).toEqual([]);
});

test("the transaction made wrong on purpose is found by the invariants", { timeout: 120_000 }, async () => {
  const said: string[] = [];
  const proof = await proveMutants({ seed: 20_261_123, full: false, log: (line) => said.push(line) });
  expect(proof.failed, said.join("\n")).toBe(0);
});
