import { readWorkspace } from "@slipway/workspace";
import { expect, test } from "vitest";
import { planRun } from "../../src/index.ts";

/** `giver` has the options; what it needs of `taker` gets them. The lines are those that nx 24.0.6 runs. */
function commands(need: object, target: object, args: readonly string[] = []): unknown {
  const options = { mode: "fast {projectName}", n: 3, deep: { k: 1 } };
  const configurations = { prod: { mode: "prod" } };
  const dependsOn = [{ target: "make", projects: ["taker"], ...need }];
  const ship = { executor: "nx:noop", options, configurations, dependsOn };
  const files = new Map([
    ["package.json", '{ "name": "root" }'],
    ["nx.json", "{}"],
    ["giver/project.json", JSON.stringify({ name: "giver", targets: { ship } })],
    ["taker/project.json", JSON.stringify({ name: "taker", targets: { make: target } })],
  ]);
  const read = readWorkspace({ files });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return ["giver:ship", "giver:ship:prod"].map((name) => {
    const request = { tasks: [name], packages: null, configuration: null, args, only: false };
    const plan = planRun(read.value, request);
    if (!plan.ok) throw new Error(JSON.stringify(plan.problems));
    const { action } = plan.value.tasks[0] ?? {};
    return action?.kind === "commands" ? action.commands[0] : action;
  });
}

const commanded = (options: object): object => ({ executor: "nx:run-commands", options });

test.each([
  [commanded({ command: "echo {args.mode}", mode: "own" }), ["echo fast giver", "echo prod"]],
  [
    commanded({ commands: ["echo"], x: 1 }),
    ['echo --x=1 --mode="fast giver" --n=3', "echo --x=1 --mode=prod --n=3"],
  ],
])("options: forward gives %j the options of the task that needs it", (target, lines) => {
  expect(commands({ options: "forward" }, target)).toEqual(lines);
});

test("without it a needed task has its own options alone", () => {
  expect(commands({}, commanded({ command: "echo", mode: "own" }))).toEqual([
    "echo --mode=own",
    "echo --mode=own",
  ]);
});

test("an executor's options say which were handed on, since nx knows the others", () => {
  const [first] = commands({ options: "forward" }, { executor: "x:y", options: { own: 1, n: 1 } }) as [
    object,
  ];
  expect(first).toEqual({
    kind: "executor",
    executor: "x:y",
    options: { own: 1, n: 3, mode: "fast giver", deep: { k: 1 } },
    forwarded: { n: 3, mode: "fast giver", deep: { k: 1 } },
  });
});
