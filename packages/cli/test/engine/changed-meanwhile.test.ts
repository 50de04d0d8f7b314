import { statSync } from "node:fs";
import { join } from "node:path";
import { isSettled } from "@slipway/host";
import { afterEach, expect, test, vi } from "vitest";
import { dispatch } from "../../src/dispatch.ts";
import { testOutside } from "../outside.ts";
import { manifest, Rig } from "./rig.ts";

let repo: Rig;
afterEach(() => repo.dispose());

const root = {
  "package.json": JSON.stringify({ name: "root", private: true, packageManager: "pnpm@10.0.0" }),
  "pnpm-workspace.yaml": "packages:\n  - packages/*\n",
  "pnpm-lock.yaml": "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n",
  ".gitignore": "dist/\nnode_modules/\n*.local\n",
  "packages/a/src/one.txt": "1",
};

const copy = "mkdir -p dist && cat src/* > dist/all.txt";

interface Case {
  readonly title: string;
  /** What a task of another package does after `a` was built, once. */
  readonly edit: string;
  readonly inputs?: readonly string[];
  /** `packages/a/dist/all.txt` in the end. */
  readonly made: string;
}

const cases: readonly Case[] = [
  { title: "a new file", edit: "printf 2 > ../a/src/two.txt", made: "12" },
  { title: "other bytes", edit: "printf 3 > ../a/src/one.txt", made: "3" },
  { title: "a file that is gone", edit: "printf 2 > ../a/src/two.txt; rm ../a/src/one.txt", made: "2" },
  {
    title: "a file that git ignores",
    edit: "printf 4 > ../a/src/x.local",
    inputs: ["src/**", "src/*.local"],
    made: "14",
  },
];

/** Nobody looks at it again while the run goes on, or another task does. */
const twice = cases.flatMap((one) => [
  { ...one, words: ["build"] },
  { ...one, words: ["build", "check"] },
]);

test.for(twice)("what $words has built is built anew after $title came while it went on", async (one) => {
  const { edit, made, words } = one;
  const build = { dependsOn: ["^build"], outputs: ["dist/**"], inputs: one.inputs ?? ["$TURBO_DEFAULT$"] };
  const check = { dependsOn: ["b#build", "build"], outputs: [] };
  repo = new Rig({
    ...root,
    "turbo.json": JSON.stringify({ tasks: { build, check } }),
    "packages/a/package.json": manifest("a", { build: copy, check: "cat src/*" }),
    "packages/b/package.json": JSON.stringify({
      name: "b",
      scripts: { build: `mkdir -p dist; [ -e ../../../edited ] || { ${edit}; touch ../../../edited; }` },
      dependencies: { a: "workspace:*" },
    }),
  });
  // What was written a moment ago is not trusted, and then there is nothing to go wrong.
  const newest = statSync(join(repo.root, ".git/index"));
  await vi.waitUntil(() => isSettled(newest, Date.now()));
  await run(words);
  await run(words);
  expect(repo.read("packages/a/dist/all.txt")).toBe(made);
  await run(words);
  expect(await run(words)).toEqual(["hit"]);
});

/** How the tasks ended, each way once. */
async function run(words: readonly string[]): Promise<readonly string[]> {
  const outside = testOutside({ cwd: repo.root, env: repo.env });
  expect(await dispatch(["run", ...words, "--json"], outside), outside.stderr()).toBe(0);
  const events = outside
    .stdout()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; cache: string });
  return [...new Set(events.flatMap(({ type, cache }) => (type === "task" ? [cache] : [])))];
}
