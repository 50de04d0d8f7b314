import { expect, test } from "vitest";
import { readWorkspace } from "../src/index.ts";

function tasksOf(rootScripts: Record<string, string>): string[] {
  const files = new Map([
    ["package.json", JSON.stringify({ name: "root", workspaces: ["packages/*"], scripts: rootScripts })],
    ["packages/a/package.json", JSON.stringify({ name: "a", version: "1.0.0", scripts: { test: "vitest" } })],
  ]);
  const read = readWorkspace({ files });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value.tasks.rules.map(
    (rule) =>
      `${rule.package}#${rule.task}${rule.cache ? " cached" : ""}${rule.onlyByName ? " by name" : ""}`,
  );
}

test("a script that only the root has is a task of the root; what its build makes is not known, so it is not cached", () => {
  expect(tasksOf({ build: "preconstruct build", lint: "eslint ." })).toEqual([
    "a#test cached",
    "root#build",
    "root#lint cached",
  ]);
});

test("a script that packages have too is theirs, and the root's is left to who asks for it by name", () => {
  expect(tasksOf({ test: "npm test --workspaces" })).toEqual(["a#test cached", "root#test cached by name"]);
});
