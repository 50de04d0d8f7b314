import { expect, test } from "vitest";
import { prove } from "../../../tools/prove/registry-agreement.ts";

test("random sequences of requests end the same on the fault registry and on Verdaccio", async () => {
  const differences: string[] = [];
  const proof = await prove({ seed: 20_261_123, full: false, log: (line) => void differences.push(line) });
  expect(differences).toEqual([]);
  expect(proof.figures).toEqual({ sequences: 24, requests: 288, disagreeing: 0 });
});
