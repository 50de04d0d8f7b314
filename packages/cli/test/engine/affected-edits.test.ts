import { expect, test } from "vitest";
import { prove } from "../../../../tools/prove/affected-edits.ts";

test("whatever happens to a work tree, what was kept tells what a change reaches as git and the workspace do", async () => {
  const said: string[] = [];
  const proof = await prove({ seed: 20_261_129, full: false, log: (line) => said.push(line) });
  expect(said.join("\n")).toBe("");
  expect(proof.failed).toBe(0);
  expect(proof.figures["questions answered from what was kept"]).toBeGreaterThan(0);
}, 60_000);
