import { expect, test } from "vitest";
import { prove as proveKills } from "../../../../tools/prove/release-kills.ts";
import { prove as proveLostReplies } from "../../../../tools/prove/lost-replies.ts";

const quiet = { seed: 20_261_123, full: false };

test("a release that is killed again and again ends whole, by the same command", async () => {
  const said: string[] = [];
  const proof = await proveKills({ ...quiet, log: (line) => said.push(line) });
  expect(proof.failed, said.join("\n")).toBe(0);
  expect(proof.figures.kills).toBeGreaterThanOrEqual(4);
});

test("an answer that is lost after the act is looked up, at every step that changes something", async () => {
  const said: string[] = [];
  const proof = await proveLostReplies({ ...quiet, log: (line) => said.push(line) });
  expect(proof.failed, said.join("\n")).toBe(0);
});
