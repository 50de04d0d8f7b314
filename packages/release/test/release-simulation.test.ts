import { expect, test } from "vitest";
import { prove as proveMutants } from "../../../tools/prove/release-mutants.ts";
import { prove, randomShare } from "../../../tools/prove/release-simulation.ts";

test("a slice of the simulated kills and random faults violates nothing", { timeout: 120_000 }, async () => {
  const violations: string[] = [];
  const proof = await prove({ seed: 20_261_123, full: false, log: (line) => violations.push(line) });
  expect(proof.failed, violations.join("\n")).toBe(0);
  expect(proof.figures["double kills"]).toBeGreaterThan(300);
});

// Each found a hole once: a pause that a clock put back made endless, a twin that was not known as one, a lag taken for an
// orphan, a dist-tag moved back after a look that had failed.
test.each([145, 350, 509, 601, 18_156, 110_534, 20_267_362, 20_310_217, 20_328_724])(
  "the schedule of seed %i, which once failed, violates nothing",
  async (seed) => {
    expect(await randomShare({ first: seed, count: 1 })).toEqual([]);
  },
);

test("the transaction made wrong on purpose is found by the invariants", { timeout: 120_000 }, async () => {
  const said: string[] = [];
  const proof = await proveMutants({ seed: 20_261_123, full: false, log: (line) => said.push(line) });
  expect(proof.failed, said.join("\n")).toBe(0);
});
