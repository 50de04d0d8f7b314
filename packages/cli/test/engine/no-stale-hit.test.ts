import { expect, test } from "vitest";
import { prove } from "../../../../tools/prove/no-stale-hit.ts";

test("whatever happens to a work tree, a run with the cache leaves what a clean build makes", async () => {
  const said: string[] = [];
  const proof = await prove({ seed: 20_261_123, full: false, log: (line) => said.push(line) });
  expect(said.join("\n")).toBe("");
  expect(proof.failed).toBe(0);
  expect(proof.figures["of these hits"]).toBeGreaterThan(0);
}, 120_000);
