import { expect, test } from "vitest";
import { readWorkspace } from "../src/index.ts";

test("a project whose package.json is no package of the workspace has its scripts, and runs them", () => {
  const files = new Map([
    ["package.json", '{ "name": "root", "workspaces": ["packages/*"] }'],
    ["nx.json", "{}"],
    ["site/package.json", '{ "name": "site", "scripts": { "docs": "collect" } }'],
    [
      "site/project.json",
      '{ "targets": { "docs": { "executor": "nx:run-script", "options": { "script": "docs" } } } }',
    ],
  ]);
  const read = readWorkspace({ files });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const { packages, tasks } = read.value;
  expect(packages.find(({ dir }) => dir === "site")?.scripts).toEqual({ docs: "collect" });
  expect(tasks.rules).toMatchObject([{ task: "docs", action: { kind: "script", script: "docs" } }]);
});
