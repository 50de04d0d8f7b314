import { expect, test } from "vitest";
import { readWorkspace } from "../src/index.ts";

test("pnpm's concurrency of a task, of its group, and its priority are read; a group without a bound has none", () => {
  const settings = `
packages: [packages/*]
concurrencyGroups:
  heavy: 3
tasks:
  build: { concurrency: 2, concurrencyGroup: heavy, priority: 5 }
  test: { concurrencyGroup: other }
  lint: { outputs: [], cache: false }
  check: { outputs: [] }
`;
  const files = new Map([
    ["package.json", '{ "name": "root" }'],
    ["pnpm-workspace.yaml", settings],
    [
      "packages/a/package.json",
      '{ "name": "a", "scripts": { "build": "b", "test": "t", "lint": "l", "check": "c" } }',
    ],
  ]);
  const read = readWorkspace({ files });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const rules = read.value.tasks.rules.filter((rule) => rule.package === "a");
  const seen = rules.map(({ task, limits, priority, cache }) => ({ task, limits, priority, cache }));
  expect(seen).toEqual([
    {
      task: "build",
      limits: [
        { group: "task build", max: 2 },
        { group: "heavy", max: 3 },
      ],
      priority: 5,
      cache: false,
    },
    { task: "test", cache: false },
    { task: "lint", cache: false },
    { task: "check", cache: true },
  ]);
});
