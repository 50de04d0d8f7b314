import { expect, test } from "vitest";
import { prove, randomShare } from "../../../tools/prove/release-simulation.ts";

test("a slice of the simulated kills and random faults violates nothing", { timeout: 120_000 }, async () => {
  const violations: string[] = [];
  const proof = await prove({ seed: 20_261_123, full: false, log: (line) => violations.push(line) });
  expect(proof.failed, violations.join("\n")).toBe(0);
  expect(proof.figures["double kills"]).toBeGreaterThan(300);
});

// Uploads that an interrupted run had begun were sent again when the registry showed an old copy of itself.
test.each([144, 1997, 7683, 12092, 28061])(
  "the schedule of seed %i, which once failed, violates nothing",
  async (seed) => {
    expect(await randomShare({ first: seed, count: 1 })).toEqual([]);
  },
);
