import { expect, test } from "vitest";
import { prove as proveKills } from "../../../../tools/prove/release-kills.ts";
import { prove as proveLostReplies } from "../../../../tools/prove/lost-replies.ts";
import { prove as proveRaces } from "../../../../tools/prove/release-races.ts";
import { prove as proveUnderFaults } from "../../../../tools/prove/publish-under-faults.ts";
import { prove as proveSyscalls } from "../../../../tools/prove/release-syscalls.ts";

const quiet = { seed: 20_261_123, full: false };

test("a release that is killed again and again ends whole, by the same command", async () => {
  const said: string[] = [];
  const proof = await proveKills({ ...quiet, log: (line) => said.push(line) });
  if ("skipped" in proof) throw new Error(proof.skipped);
  expect(proof.failed, said.join("\n")).toBe(0);
  expect(proof.figures.kills).toBeGreaterThanOrEqual(1);
});

test("an answer that is lost after the act is looked up, at every step that changes something", async () => {
  const said: string[] = [];
  const proof = await proveLostReplies({ ...quiet, log: (line) => said.push(line) });
  expect(proof.failed, said.join("\n")).toBe(0);
});

test("a release with a failed system call goes on well by the same command", async ({ skip }) => {
  const said: string[] = [];
  const proof = await proveSyscalls({ ...quiet, log: (line) => said.push(line) });
  if ("skipped" in proof) return skip(proof.skipped);
  expect(proof.failed, said.join("\n")).toBe(0);
  expect(proof.figures["with a failed call"]).toBeGreaterThanOrEqual(1);
});

test("one run releases all while every tenth request fails", async () => {
  const said: string[] = [];
  const proof = await proveUnderFaults({ ...quiet, log: (line) => said.push(line) });
  if ("skipped" in proof) throw new Error(proof.skipped);
  expect(proof.failed, said.join("\n")).toBe(0);
});

test("of two releases at the same moment one changes something, and the other says who holds it or finds all done", async () => {
  const said: string[] = [];
  const proof = await proveRaces({ ...quiet, log: (line) => said.push(line) });
  expect(proof.failed, said.join("\n")).toBe(0);
  expect(proof.figures["races"]).toBe(2);
});
