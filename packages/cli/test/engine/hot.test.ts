import { appendFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { SmallWorkspace } from "../../../../tools/prove/no-stale-hit/small-workspace.ts";
import { dispatch } from "../../src/dispatch.ts";
import { testOutside } from "../outside.ts";

let workspace: SmallWorkspace;
afterEach(() => workspace.dispose());

/** How each task ended, and whether the run was told from the kept state alone: then the state is not written again. */
async function run(): Promise<{ readonly ends: readonly string[]; readonly hot: boolean }> {
  const before = stateStamp();
  const outside = testOutside({ cwd: workspace.root, env: workspace.env });
  expect(await dispatch(["run", "build", "--json"], outside)).toBe(0);
  const events = outside
    .stdout()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; id: string; cache: string });
  const ends = events.flatMap(({ type, id, cache }) => (type === "task" ? [`${id} ${cache}`] : []));
  return {
    ends: ends.toSorted((a, b) => a.localeCompare(b)),
    hot: before !== null && before === stateStamp(),
  };
}

function stateStamp(): string | null {
  const dir = join(workspace.root, ".git/slipway/hot");
  const stat = statSync(dir, { throwIfNoEntry: false });
  return stat
    ? readdirSync(dir)
        .map((name) => `${name} ${statSync(join(dir, name)).ctimeMs}`)
        .join()
    : null;
}

const hits = ["a#build hit", "b#build hit", "c#build hit", "d#build hit"];

test("a run after which nothing happened is told from one state file; whatever happens ends that", async () => {
  workspace = new SmallWorkspace();
  await run();
  await run();
  expect(await run()).toEqual({ ends: hits, hot: true });
  workspace.git("status");
  expect(await run(), "git looked at its index").toEqual({ ends: hits, hot: true });
  appendFileSync(workspace.path("packages/c/src/one.txt"), "more");
  expect(await run(), "a source changed").toEqual({
    ends: ["a#build hit", "b#build hit", "c#build miss", "d#build miss"],
    hot: false,
  });
  expect(await run()).toEqual({ ends: hits, hot: true });
  rmSync(workspace.path("packages/a/dist/all.txt"));
  expect(await run(), "an output went").toEqual({ ends: hits, hot: false });
  expect(await run()).toEqual({ ends: hits, hot: true });
  for (const name of ["a", "b", "c"])
    rmSync(workspace.path(`packages/${name}/dist`), { recursive: true, force: true });
  expect(await run(), "whole output directories went").toEqual({ ends: hits, hot: false });
  expect(await run()).toEqual({ ends: hits, hot: true });
  workspace.variables.set("MODE", "two");
  expect((await run()).ends, "a variable changed").toEqual(hits.map((end) => end.replace("hit", "miss")));
});

test("what was not touched waits for nobody: its hits are told before the first task starts", async () => {
  workspace = new SmallWorkspace();
  await run();
  appendFileSync(workspace.path("packages/c/src/one.txt"), "more");
  const outside = testOutside({ cwd: workspace.root, env: workspace.env });
  await dispatch(["run", "build", "--json", "--concurrency=1"], outside);
  const events = outside.stdout().trim().split("\n");
  const told = events.map((line) => JSON.parse(line) as { type: string; id?: string; cache?: string });
  const ends = told.flatMap(({ type, id, cache }) =>
    type === "task" || type === "start" ? [`${type} ${id} ${cache}`] : [],
  );
  expect(ends).toEqual([
    "task a#build hit",
    "task b#build hit",
    "start c#build miss",
    "task c#build miss",
    "start d#build miss",
    "task d#build miss",
  ]);
});

test("files that come and go, in however many runs, leave nothing that the next run would have to look after", async () => {
  workspace = new SmallWorkspace();
  await run();
  await run();
  const written = new Set<string>();
  for (const name of ["x", "y", "z"]) {
    for (const edit of ["come", "go"]) {
      const path = workspace.path(`packages/d/src/${name}.txt`);
      if (edit === "come") writeFileSync(path, name);
      else rmSync(path);
      expect((await run()).ends[3], `${name} ${edit}`).toBe(edit === "come" ? "d#build miss" : "d#build hit");
      await run();
      expect(await run(), `after ${name} ${edit}`).toEqual({ ends: hits, hot: true });
      for (const file of stateStamp()?.split(",") ?? []) written.add(file);
    }
  }
  const states = (end: RegExp): number => [...written].filter((file) => end.test(file)).length;
  expect(states(/[0-9a-f]{32} /), "the whole state, from time to time").toBeGreaterThan(1);
  expect(states(/\.since /), "and what came since").toBeGreaterThan(1);
});

test.for([".since", ".more", ""])(
  "a state whose file *%s is damaged is as none, or as it was before",
  async (end) => {
    workspace = new SmallWorkspace();
    await run();
    await run();
    appendFileSync(workspace.path("packages/d/src/one.txt"), "more");
    await run();
    await run();
    const dir = join(workspace.root, ".git/slipway/hot");
    const name = readdirSync(dir).find((each) => (end === "" ? !each.includes(".") : each.endsWith(end)));
    truncateSync(join(dir, name ?? ""), 200);
    appendFileSync(workspace.path("packages/b/src/one.txt"), "more");
    expect((await run()).ends).toEqual([
      "a#build hit",
      ...hits.slice(1).map((each) => each.replace("hit", "miss")),
    ]);
    await run();
    expect(await run()).toEqual({ ends: hits, hot: true });
  },
);
