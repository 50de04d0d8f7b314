import { afterEach, beforeEach, expect, test } from "vitest";
import { dispatch } from "../../src/dispatch.ts";
import { testOutside } from "../outside.ts";
import { Rig } from "./rig.ts";

/** What a nested run is told, as a script sees it. */
const tell = 'printf "%s" "$SLIPWAY_WITHIN" > "$TOLD"';

let repo: Rig;
beforeEach(() => {
  repo = new Rig({
    "turbo.json": JSON.stringify({
      globalPassThroughEnv: ["TOLD"],
      tasks: { build: { cache: false }, "//#all": { cache: false } },
    }),
    "package.json": JSON.stringify({ name: "root", workspaces: ["packages/*"], scripts: { all: tell } }),
    "packages/a/package.json": JSON.stringify({ name: "a", scripts: { build: tell } }),
  });
});
afterEach(() => repo.dispose());

async function run(task: string, within = ""): Promise<{ exit: number; told: string }> {
  const told = `${repo.root}/node_modules/told`;
  repo.write({ "node_modules/told": "" });
  const env = { ...repo.env, SLIPWAY_CACHE_DIR: repo.cacheDir, SLIPWAY_WITHIN: within, TOLD: told };
  const outside = testOutside({ cwd: repo.root, env });
  const exit = await dispatch(["run", task], outside);
  return { exit, told: repo.read("node_modules/told") ?? "" };
}

test("a script that would start its own task again is an error, before anything is run", async () => {
  const { exit, told } = await run("all");
  expect([exit, told]).toEqual([0, `root#all ${repo.root}`]);
  const message = expect.stringContaining("root#all would start itself without end");
  await expect(run("all", told)).rejects.toMatchObject({ code: "task/starts-itself", message, exit: 2 });
  expect(repo.read("node_modules/told")).toBe("");
});

test("a script may start other tasks, and the same ones of another work tree", async () => {
  const { told } = await run("all");
  const inner = await run("build", told);
  expect([inner.exit, inner.told]).toEqual([0, `${told}\na#build ${repo.root}`]);
  expect((await run("all", "root#all /elsewhere")).exit).toBe(0);
});
