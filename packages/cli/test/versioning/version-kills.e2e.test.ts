import { expect, test } from "vitest";
import { prove } from "../../../../tools/prove/version-kills.ts";

test("a version run that is killed again and again is completed by the same command", async () => {
  const said: string[] = [];
  const proof = await prove({ seed: 20_261_123, full: false, log: (line) => said.push(line) });
  expect(proof.failed, said.join("\n")).toBe(0);
  expect(proof.figures.kills).toBe(3);
});
