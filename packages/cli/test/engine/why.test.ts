import { rmSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SmallWorkspace } from "../../../../tools/prove/no-stale-hit/small-workspace.ts";
import { dispatch } from "../../src/dispatch.ts";
import type { WhyJson } from "../../src/journeys/explain-task.ts";
import { testOutside } from "../outside.ts";

let workspace: SmallWorkspace;
beforeEach(() => {
  workspace = new SmallWorkspace();
});
afterEach(() => workspace.dispose());

async function slipway(line: string, env: Record<string, string> = {}) {
  const outside = testOutside({ cwd: workspace.root, env: { ...workspace.env, ...env } });
  const status = await dispatch(line.split(" "), outside);
  return { status, stdout: outside.stdout(), stderr: outside.stderr() };
}

/** For each task that is shown: its name, its reason and where it differs. */
async function why(line: string): Promise<string[]> {
  const { status, stdout, stderr } = await slipway(`why ${line} --json`);
  expect(status, stderr).toBe(0);
  const { tasks } = JSON.parse(stdout) as WhyJson;
  return tasks.map(({ id, reason, differences }) =>
    [id, reason, ...differences.map(({ at }) => at.join(" "))].join(" | "),
  );
}

async function lastRunId(): Promise<string> {
  return (JSON.parse((await slipway("run --last --json")).stdout) as { id: string }).id;
}

test("a task is compared with any kept run: by what it was known by then, whatever happened since", async () => {
  await slipway("run build");
  const first = await lastRunId();
  workspace.write("packages/a/src/one.txt", "second");
  await slipway("run build");
  const second = await lastRunId();
  workspace.write("packages/a/src/one.txt", "third");
  workspace.write("packages/a/src/new.txt", "new");
  await slipway("run build --filter a");
  expect(await why(`a#build --against ${first}`)).toEqual([
    "a#build | packages/a/src/one.txt changed | files packages/a/src/one.txt | files packages/a/src/new.txt",
  ]);
  expect(await why(`b#build --against ${second}`)).toEqual([
    "b#build | a#build changed | needs a#build",
    "a#build | packages/a/src/one.txt changed | files packages/a/src/one.txt | files packages/a/src/new.txt",
  ]);
  expect(await why("a#build --against last")).toEqual(["a#build | nothing differs"]);
  expect(await why("b#build --against last")).toEqual(["b#build | it was no task of that run"]);
  workspace.write("packages/a/src/one.txt", "a one");
  rmSync(workspace.path("packages/a/src/new.txt"));
  expect(await why(`a#build --against ${first}`)).toEqual(["a#build | nothing differs"]);
});

test("a task is compared with a commit; what git ignores is in none and is left out", async () => {
  workspace.writeTurbo(true);
  workspace.write("ignored.log", "here only");
  const turbo = {
    globalDependencies: ["*.log"],
    tasks: { build: { dependsOn: ["^build"], outputs: ["dist/**"] } },
  };
  workspace.write("turbo.json", JSON.stringify(turbo));
  workspace.commit();
  expect(await why("b#build --against HEAD")).toEqual([
    "b#build | a#build changed | needs a#build",
    "a#build | nothing differs but files that git ignores",
  ]);
  rmSync(workspace.path("ignored.log"));
  expect(await why("b#build --against HEAD")).toEqual(["b#build | nothing differs"]);
  workspace.git("checkout", "-q", "-b", "topic");
  workspace.write("packages/a/src/one.txt", "other");
  workspace.write("packages/a/src/untracked.txt", "untracked");
  workspace.commit();
  const { stdout } = await slipway("why b#build --against main");
  expect(stdout).toMatch(
    /^b#build compared with main \([0-9a-f]{10}\): a#build changed\n {2}a run now: it would run\n/,
  );
  expect(stdout).toMatch(/\n {2}files packages\/a\/src\/one\.txt: [0-9a-f]{12} -> [0-9a-f]{12}\n/);
  expect(stdout).toMatch(/\n {2}files packages\/a\/src\/untracked\.txt: new [0-9a-f]{12}\n/);
  workspace.git("rm", "-rq", "packages/d");
  workspace.commit();
  workspace.git("checkout", "-q", "main");
  expect(await why("d#build --against topic")).toEqual(["d#build | it is no task of topic"]);
});

test("what is neither a run nor a commit is refused, with the runs that there are", async () => {
  await slipway("run build --filter a");
  const id = await lastRunId();
  await expect(slipway("why a#build --against nothing-of-that-name")).rejects.toMatchObject({
    code: "cli/bad-argument",
    message: '"nothing-of-that-name" is neither a kept run nor a commit',
    hint: expect.stringContaining(id) as string,
  });
});

test("before the first run there is none to show", async () => {
  await expect(slipway("run --last")).rejects.toMatchObject({ code: "run/none-kept" });
});

test("a run in which nothing had to be done is the last run too, with nothing that it did not do", async () => {
  await slipway("run build");
  await slipway("run build");
  const before = JSON.parse((await slipway("run --last --json")).stdout) as { id: string };
  await slipway("run build");
  const { stdout, stderr } = await slipway("run --last");
  expect(stderr).toContain(`slipway run build, `);
  expect(stderr).toContain(`: nothing had changed since `);
  expect(stderr).toContain(`(run ${before.id})`);
  expect(stdout).toContain("✓ a#build unchanged");
  expect(stderr).toContain("4 tasks: 4 ok (4 from the cache)");
});
