import { afterEach, beforeEach, expect, test } from "vitest";
import { dispatch } from "../../src/dispatch.ts";
import { testOutside } from "../outside.ts";
import { Rig } from "./rig.ts";

const show =
  'echo "$COLOUR $SHAPE $NX_TASK_TARGET_PROJECT:$NX_TASK_TARGET_TARGET:$NX_TASK_TARGET_CONFIGURATION"';

let repo: Rig;
beforeEach(() => {
  repo = new Rig({
    "nx.json": JSON.stringify({
      targetDefaults: { show: { cache: true, inputs: ["{projectRoot}/src/**"] } },
    }),
    "package.json": '{ "name": "root", "workspaces": ["packages/*"] }',
    "packages/a/package.json": '{ "name": "@acme/a" }',
    "packages/a/project.json": JSON.stringify({
      name: "a",
      targets: { show: { command: show, configurations: { prod: {} } } },
    }),
    "packages/a/src/a.txt": "a",
    ".gitignore": "*.local\nnode_modules\n",
    ".env": "COLOUR=red\nSHAPE=round\nAPI_TOKEN=do-not-keep-this",
  });
});
afterEach(() => repo.dispose());

interface Event {
  readonly type: string;
  readonly text?: string;
  readonly reason?: string;
  readonly cache?: string;
}

async function run(args: readonly string[] = [], env: Record<string, string> = {}) {
  const outside = testOutside({
    cwd: repo.root,
    env: { ...repo.env, SLIPWAY_CACHE_DIR: repo.cacheDir, ...env },
  });
  expect(await dispatch(["run", "show", "--json", ...args], outside)).toBe(0);
  const events = outside
    .stdout()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Event);
  const end = events.find(({ type }) => type === "task");
  const printed = events.flatMap(({ type, text }) => (type === "output" ? [text] : [])).join("");
  return { printed: printed.trim(), cache: end?.cache, ...(end?.reason ? { reason: end.reason } : {}) };
}

test("nx's dotenv files reach the task, the nearest first, and the caller's environment beats them", async () => {
  expect((await run()).printed).toBe("red round a:show:");
  repo.write({ "packages/a/.env.show": "COLOUR=green", "packages/a/.env.prod": "SHAPE=square" });
  expect((await run()).printed).toBe("green round a:show:");
  expect((await run(["-c", "prod"])).printed).toBe("green square a:show:prod");
  repo.write({ "packages/a/src/a.txt": "b" });
  expect((await run([], { SHAPE: "flat" })).printed).toBe("green flat a:show:");
});

test("a dotenv file that comes, changes or goes is a miss with its name, even one that git ignores", async () => {
  await run();
  expect(await run()).toMatchObject({ cache: "hit" });
  repo.write({ ".env": "COLOUR=blue" });
  expect(await run()).toMatchObject({ cache: "miss", reason: ".env changed", printed: "blue  a:show:" });
  expect(await run()).toMatchObject({ cache: "hit" });
  repo.write({ "packages/a/.env.local": "COLOUR=white" });
  expect(await run()).toMatchObject({ cache: "miss", reason: "packages/a/.env.local is new" });
  expect(await run()).toMatchObject({ cache: "hit", printed: "white  a:show:" });
  repo.write({ "packages/a/.env.local": "COLOUR=black" });
  expect(await run()).toMatchObject({ cache: "miss", printed: "black  a:show:" });
  repo.remove("packages/a/.env.local");
  expect(await run()).toMatchObject({ cache: "hit", printed: "blue  a:show:" });
  repo.write({ "packages/a/.env.local": "COLOUR=grey" });
  expect(await run()).toMatchObject({ cache: "miss", printed: "grey  a:show:" });
});

test("a dotenv file of another target, and a folder with such a name, are no matter", async () => {
  await run();
  repo.write({ "packages/a/.env.test": "COLOUR=none", "packages/a/.env/bin/python": "" });
  expect(await run()).toMatchObject({ cache: "hit" });
});

test("a secret of a dotenv file that a task prints is not kept", async () => {
  repo.write({
    "packages/a/project.json": JSON.stringify({
      name: "a",
      targets: { show: { command: 'echo "$API_TOKEN"' } },
    }),
  });
  expect((await run()).printed).toBe("do-not-keep-this");
  expect(await run()).toMatchObject({ cache: "hit", printed: "***" });
});
