import { expect, test } from "vitest";
import { describeDifference } from "../src/differences.ts";

test.each([
  [["command", "main"], "a", "b", "its command changed"],
  [["command", "pre"], null, "b", "its command pre is new"],
  [["outputs", "include"], "[]", '["dist"]', "the list of its outputs changed"],
  [["files", "src/a.ts"], "a", null, "src/a.ts is gone"],
  [["dir"], "packages/a", "packages/b", "its directory changed"],
  [["env", "MODE"], null, "x", "the variable MODE is set"],
  [["needs", "a#build"], "1", null, "it no longer needs a#build"],
  [["platform", "node"], "v22.0.0", "v24.0.0", "node is v24.0.0, it was v22.0.0"],
])("the difference at %j is told in words", (...[at, before, after, words]) => {
  expect(describeDifference({ at, before, after })).toBe(words);
});
