import { afterEach, beforeEach, expect, test } from "vitest";
import { dispatch } from "../../src/dispatch.ts";
import { testOutside } from "../outside.ts";
import { manifest, Rig } from "./rig.ts";

let repo: Rig;
beforeEach(() => {
  repo = new Rig({
    "package.json": '{ "name": "root", "private": true, "packageManager": "pnpm@10.0.0" }',
    "pnpm-workspace.yaml": "packages: [packages/*]\n",
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\n  packages/a: {}\n",
    "packages/a/package.json": manifest("a", { lint: "echo fine" }),
  });
});
afterEach(() => repo.dispose());

async function lint(): Promise<Readonly<Record<string, unknown>> | undefined> {
  const env = { ...repo.env, SLIPWAY_CACHE_DIR: repo.cacheDir };
  const outside = testOutside({ cwd: repo.root, env });
  expect(await dispatch(["run", "lint", "--json"], outside)).toBe(0);
  const events = outside
    .stdout()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return events.find(({ type }) => type === "task");
}

test("the text of a lockfile counts for no task, only what a package reaches in it", async () => {
  await lint();
  repo.write({
    "pnpm-lock.yaml":
      "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\n  packages/a: {}\n\n  packages/b: {}\n",
  });
  expect(await lint()).toMatchObject({ cache: "hit" });
});

test("a file of the root that configures tools counts for every task", async () => {
  await lint();
  repo.write({ "tsconfig.base.json": "{}" });
  expect(await lint()).toMatchObject({ cache: "miss", reason: "tsconfig.base.json is new" });
  repo.write({
    "package.json": '{ "name": "root", "private": true, "packageManager": "pnpm@10.0.0", "jest": {} }',
  });
  expect(await lint()).toMatchObject({ cache: "miss", reason: "package.json changed" });
});
