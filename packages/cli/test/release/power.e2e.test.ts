import { expect, test } from "vitest";
import { missingStrace, prove } from "../../../../tools/prove/power-separation.ts";

test("what publishes starts no program but git, and opens no file of the repository", async ({ skip }) => {
  const missing = missingStrace();
  if (missing !== null) return skip(missing);
  const said: string[] = [];
  const proof = await prove({ seed: 20_261_123, full: false, log: (line) => said.push(line) });
  expect(proof.failed, said.join("\n")).toBe(0);
  expect(proof.figures["files opened while publishing"]).not.toBe(0);
});
