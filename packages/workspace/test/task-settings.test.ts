import { describe, expect, test } from "vitest";
import { readWorkspace } from "../src/index.ts";

const packages: readonly (readonly [string, string])[] = [
  ["package.json", '{ "name": "root", "workspaces": ["packages/*"] }'],
  ["packages/a/package.json", '{ "name": "a", "scripts": { "build": "b" } }'],
];

function tasksOf(file: string, text: string) {
  const read = readWorkspace({ files: new Map([...packages, [file, text]]) });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return { ...read.value.tasks, warnings: read.value.warnings };
}

describe("how many tasks run at a time is what the repository says", () => {
  test.each([
    ["turbo.json", '{ "concurrency": "1", "tasks": {} }', "1"],
    ["turbo.json", '{ "concurrency": "50%", "tasks": {} }', "50%"],
    ["turbo.json", '{ "concurrency": 3, "tasks": {} }', "3"],
    ["turbo.json", '{ "tasks": {} }', undefined],
    ["nx.json", '{ "parallel": 5 }', "5"],
    ["nx.json", '{ "parallel": false }', "1"],
    ["nx.json", '{ "tasksRunnerOptions": { "default": { "options": { "parallel": 2 } } } }', "2"],
    ["nx.json", "{}", undefined],
    ["pnpm-workspace.yaml", "packages: [packages/*]\nworkspaceConcurrency: 2\ntasks: { build: {} }\n", "2"],
  ])("%s: %s", (file, text, concurrency) => {
    expect(tasksOf(file, text).concurrency).toBe(concurrency);
  });
});

test("turbo.json gives its package tags, by which it can be selected", () => {
  const files = new Map([
    ...packages,
    ["turbo.json", '{ "tags": ["top"], "tasks": { "build": {} } }'],
    ["packages/a/turbo.json", '{ "extends": ["//"], "tags": ["ui", "web"] }'],
  ]);
  const read = readWorkspace({ files });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  expect(read.value.packages.map(({ name, tags }) => [name, tags])).toEqual([
    ["root", ["top"]],
    ["a", ["ui", "web"]],
  ]);
});

describe("a task's own command in turbo.json", () => {
  const task = '"generate": { "command": ["node", "it\'s here.js"] }';

  test("runs with turbo's flag in packages without such a script, its words as they are", () => {
    const flags = '"futureFlags": { "experimentalTaskCommand": true }';
    const { rules, warnings } = tasksOf(
      "turbo.json",
      `{ ${flags}, "tasks": { ${task}, "build": { "command": ["no"] } } }`,
    );
    const actions = rules.filter(({ package: name }) => name === "a").map(({ action }) => action);
    expect(actions).toEqual([
      expect.objectContaining({
        kind: "commands",
        commands: [String.raw`node 'it'\''s here.js'`],
        cwd: "packages/a",
      }),
      { kind: "script", script: "build" },
    ]);
    expect(warnings).toEqual([]);
  });

  test("is named in one warning where it does not count", () => {
    const read = tasksOf("turbo.json", `{ "tasks": { ${task} } }`);
    expect(read.rules.every(({ action }) => action === null)).toBe(true);
    expect(read.warnings).toMatchObject([
      { file: "turbo.json", line: 1, message: expect.stringContaining("experimentalTaskCommand") },
    ]);
  });
});
