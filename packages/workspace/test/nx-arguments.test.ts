import { expect, test } from "vitest";
import { filledCommand, readWorkspace } from "../src/index.ts";

function lines(options: object, typed: readonly string[]): readonly string[] {
  const target = { executor: "nx:run-commands", options };
  const files = new Map([
    ["package.json", '{ "name": "root" }'],
    ["nx.json", "{}"],
    ["app/project.json", JSON.stringify({ name: "app", targets: { build: target } })],
  ]);
  const read = readWorkspace({ files });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const action = read.value.tasks.rules[0]?.action;
  if (action?.kind !== "commands") throw new Error("no commands were read");
  const { placed, commands } = action;
  if (!placed) return commands.map((command) => [command, ...typed].join(" "));
  return placed.templates.map((each) => filledCommand(each, placed.given, typed));
}

test.each([
  [{ command: "tsc" }, ["--watch"], ["tsc --watch"]],
  [{ command: "tsc", mode: "fast", args: "--a=1" }, ["--b"], ["tsc --mode=fast --a=1 --b"]],
  [{ command: "tsc", forwardAllArgs: false }, ["--watch"], ["tsc"]],
  [{ command: "tsc {args} -p ." }, ["--watch"], ["tsc --watch -p ."]],
  [{ command: "serve {args.port}", port: 80 }, [], ["serve 80"]],
  [{ command: "serve {args.port}", port: 80 }, ["--port=90"], ["serve 90"]],
  [{ command: "serve {args.port ?? 3000}" }, [], ["serve 3000"]],
  [{ command: "serve {args.port ?? args.fallback ?? 3000}", args: "--fallback 5" }, [], ["serve 5"]],
  [
    { commands: ["one", { command: "two", forwardAllArgs: false }], parallel: false },
    ["--x"],
    ["one --x", "two"],
  ],
])("nx:run-commands with %j and what was typed, %j", (options, typed, expected) => {
  expect(lines(options, typed)).toEqual(expected);
});
