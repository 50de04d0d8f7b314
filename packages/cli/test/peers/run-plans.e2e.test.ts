import { expect, test } from "vitest";
import { prove } from "../../../../tools/prove/run-plans.ts";

test("random workspaces are planned as turbo and nx plan them", async () => {
  const differences: string[] = [];
  const proof = await prove({ seed: 20_261_123, full: false, log: (line) => void differences.push(line) });
  expect(differences).toEqual([]);
  expect(proof.failed).toBe(0);
  expect(proof.figures).toMatchObject({ nxPlans: expect.any(Number), turboPlans: expect.any(Number) });
});
