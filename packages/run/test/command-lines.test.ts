import type { PlannedTask } from "@slipway/plan";
import { expect, test } from "vitest";
import { commandLines } from "../src/command-lines.ts";
import type { CommandContext } from "../src/script-habits.ts";

const task = {
  id: "a#build",
  package: "a",
  dir: "packages/a",
  task: "build",
  args: ["--watch no"],
  action: { kind: "script", script: "build:all" },
} as unknown as PlannedTask;

const context: CommandContext = {
  habits: {
    manager: { name: "yarn", version: "4.9.1", berry: true },
    execPath: null,
    prePost: false,
    shell: null,
    nodeOptions: null,
    runner: null,
    initialDir: "/repo",
  },
  platform: { os: "linux", arch: "x64" } as unknown as CommandContext["platform"],
  root: "/repo",
  manifest: { name: "a" },
  scripts: { pre: null, main: "tsc", post: null },
};

test("a script is started as it is written, and through the manager where only that one knows the dependencies", () => {
  const lines = (habits: Partial<CommandContext["habits"]>) =>
    commandLines(task, { ...context, habits: { ...context.habits, ...habits } })
      .flat()
      .map(({ line, dir }) => [dir, line]);
  expect(lines({})).toEqual([["packages/a", "tsc '--watch no'"]]);
  expect(lines({ runner: "yarn run" })).toEqual([["packages/a", "yarn run build:all '--watch no'"]]);
});
