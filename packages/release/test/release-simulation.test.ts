import { expect, test } from "vitest";
import { prove } from "../../../tools/prove/release-simulation.ts";

test("a slice of the simulated kills and random faults violates nothing", { timeout: 120_000 }, async () => {
  const violations: string[] = [];
  const proof = await prove({ seed: 20_261_123, full: false, log: (line) => violations.push(line) });
  expect(proof.failed, violations.join("\n")).toBe(0);
  expect(proof.figures["double kills"]).toBeGreaterThan(300);
});
