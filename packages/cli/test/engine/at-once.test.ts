import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { manifest, Rig, task } from "./rig.ts";

let repo: Rig;
afterEach(() => repo.dispose());

/** One run writes late and the other waits after it has written: side by side the late bytes would be taken for the other's. */
const script =
  "mkdir -p dist; case $MODE in late) sleep 0.3; echo late > dist/all.txt;; *) echo early > dist/all.txt; sleep 0.6;; esac";
const plan = [task("a#build", { env: ["MODE"] })];

test("two runs of one work tree do not carry out one task at the same time, and no result is of both", async () => {
  repo = new Rig({ "packages/a/package.json": manifest("a", { build: script }) });
  const runs = await Promise.all([
    repo.run(plan, { env: { MODE: "late" } }),
    repo.run(plan, { env: { MODE: "early" } }),
  ]);
  expect(runs.map(({ finished }) => finished.exit)).toEqual([0, 0]);
  expect(runs.flatMap(({ notices }) => notices)).toEqual(["run/elsewhere"]);
  for (const mode of ["early", "late"]) {
    await repo.run(plan, { env: { MODE: mode } });
    expect(repo.read("packages/a/dist/all.txt")).toBe(`${mode}\n`);
  }
  expect(running()).toEqual([]);
});

test("two runs of the same make a task once", async () => {
  repo = new Rig({
    "packages/a/package.json": manifest("a", { build: `echo run >> ../../runs.log; ${script}` }),
  });
  const both = await Promise.all([repo.run(plan), repo.run(plan)]);
  expect(both.flatMap(({ ends }) => ends).toSorted()).toEqual(["a#build hit", "a#build miss"]);
});

test("a task that a killed process had is carried out", async () => {
  repo = new Rig({
    "packages/a/package.json": manifest("a", { build: "mkdir -p dist; echo 1 > dist/all.txt" }),
  });
  const options = { options: { cache: { read: false, write: true } } };
  let names: readonly string[] = [];
  await repo.run(plan, { ...options, onEvent: ({ type }) => void (type === "start" && (names = running())) });
  expect([names.length, running()]).toEqual([1, []]);
  const dead = JSON.stringify({ pid: 2 ** 22 + 1, born: "0" });
  writeFileSync(join(stateDir(), names[0] ?? ""), dead);
  const ran = await repo.run(plan, options);
  expect([ran.ends, ran.notices, running()]).toEqual([["a#build miss"], [], []]);
});

function stateDir(): string {
  const trees = join(repo.root, ".git/slipway/trees");
  return join(trees, readdirSync(trees)[0] ?? "", "running");
}

function running(): string[] {
  return readdirSync(stateDir());
}
