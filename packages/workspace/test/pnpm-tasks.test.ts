import { expect, test } from "vitest";
import { readWorkspace } from "../src/index.ts";

function readTasks(settings: string, rootManifest = '{ "name": "root" }') {
  const scripts = '{ "build": "b", "test": "t", "lint": "l", "check": "c" }';
  const files = new Map([
    ["package.json", rootManifest],
    ["pnpm-workspace.yaml", settings],
    ["packages/a/package.json", `{ "name": "a", "scripts": ${scripts} }`],
  ]);
  return readWorkspace({ files });
}

test("pnpm's pipelines are lists of scripts, and what is none is said", () => {
  const tasks = "packages: [packages/*]\ntasks: { build: {} }\n";
  const read = readTasks(`${tasks}pipelineBase: trunk\npipelines: { release: [build, test], empty: [] }\n`);
  expect(read).toMatchObject({
    ok: true,
    value: { tasks: { baseBranch: "trunk", pipelines: { release: ["build", "test"], empty: [] } } },
  });
  expect(readTasks(`${tasks}pipelines: { a: build, b: [[build]], c: [build] }\n`)).toMatchObject({
    ok: false,
    problems: [
      { message: 'the pipeline "a" in pnpm-workspace.yaml must be a list of scripts' },
      { message: 'the pipeline "b" in pnpm-workspace.yaml must be a list of scripts' },
    ],
  });
  expect(readTasks(`${tasks}pipelines: [build]\n`)).toMatchObject({ ok: false });
});

test("a manifest that only pnpm reads is named, and its package left out", () => {
  const files = new Map([
    ["pnpm-workspace.yaml", "packages: [packages/*]"],
    ["package.json", '{ "name": "root" }'],
    ["packages/a/package.yaml", "name: a"],
    ["packages/b/package.json5", "{ name: 'b' }"],
    ["packages/c/package.json5", "{ name: 'c' }"],
    ["packages/c/package.json", '{ "name": "c" }'],
  ]);
  const named = ["packages/a/package.yaml", "packages/b/package.json5"].map((file) =>
    expect.objectContaining({ file, message: `${file} is not read, so the package is left out` }),
  );
  expect(readWorkspace({ files })).toMatchObject({
    value: { packages: [{ name: "root" }, { name: "c" }] },
    warnings: named,
  });
});

test("a script of the root that a package has too runs by its name alone, as pnpm leaves the root out", () => {
  const root = '{ "name": "root", "scripts": { "build": "pnpm -r build", "docs": "make docs" } }';
  const tasks = "packages: [packages/*]\ntasks: { build: {} }\n";
  const seen = (text: string) => {
    const read = readTasks(text, root);
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    const own = read.value.tasks.rules.filter((rule) => rule.package === "root" && rule.action);
    return own.map(({ task, onlyByName }) => [task, onlyByName === true]);
  };
  expect(seen(tasks)).toEqual([
    ["build", true],
    ["docs", false],
  ]);
  expect(seen(`${tasks}includeWorkspaceRoot: true\n`)).toEqual([
    ["build", false],
    ["docs", false],
  ]);
});

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
  const read = readTasks(settings);
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
