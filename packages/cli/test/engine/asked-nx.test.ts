import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dispatch } from "../../src/dispatch.ts";
import { testOutside } from "../outside.ts";
import { manifest, Rig } from "./rig.ts";

/** An nx whose plugin infers `build` for `packages/a` from a file that no task reads: what it runs stands there. */
const nxWithPlugin = `#!/bin/sh
echo asked >> "$HOME/asked"
line=$(cat packages/a/vite.config.ts)
echo '{"graph":{"nodes":{"a":{"name":"a","data":{"root":"packages/a","targets":{"build":{"executor":"nx:run-commands","cache":true,"inputs":["{projectRoot}/src/**"],"options":{"command":"'"$line"'"}}}}}},"dependencies":{}}}' > "\${2#--file=}"
`;

let repo: Rig;
beforeEach(() => {
  repo = new Rig({
    "nx.json": '{ "plugins": ["@nx/vite/plugin"] }',
    "package.json": '{ "name": "root", "workspaces": ["packages/*"] }',
    "packages/a/package.json": manifest("a", {}),
    "packages/a/vite.config.ts": "echo one",
    "packages/a/src/a.txt": "a",
  });
  repo.write({
    "node_modules/nx/package.json": '{ "version": "24.0.6" }',
    "node_modules/.bin/nx": nxWithPlugin,
  });
  chmodSync(join(repo.root, "node_modules/.bin/nx"), 0o755);
});
afterEach(() => repo.dispose());

async function build(): Promise<{ readonly printed: string; readonly hits: number }> {
  const env = { ...repo.env, SLIPWAY_CACHE_DIR: repo.cacheDir };
  const outside = testOutside({ cwd: repo.root, env });
  expect(await dispatch(["run", "build", "--json"], outside)).toBe(0);
  const events = outside
    .stdout()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Event);
  const printed = events.flatMap((event) => (event.type === "output" ? [event.text] : [])).join("");
  return { printed, hits: events.at(-1)?.hits ?? -1 };
}

interface Event {
  readonly type: string;
  readonly text: string;
  readonly hits?: number;
}

test("a run that repeats another one does what nx's plugins say now, not what they said then", async () => {
  expect(await build()).toEqual({ printed: "one\n", hits: 0 });
  expect(await build()).toEqual({ printed: "one\n", hits: 1 });
  repo.write({ "packages/a/vite.config.ts": "echo two" });
  expect(await build()).toEqual({ printed: "two\n", hits: 0 });
  expect(await build()).toEqual({ printed: "two\n", hits: 1 });
});

test("a configuration file that comes is news to a plugin, wherever it comes", async () => {
  const asked = (): number => (repo.read("../asked") ?? "").split("\n").length - 1;
  await build();
  await build();
  expect(asked()).toBe(1);
  repo.write({ "packages/b/vite.config.ts": "echo b" });
  await build();
  expect(asked()).toBe(2);
});

test("without an answer of nx nothing is known of the next run", async () => {
  repo.remove("node_modules/.bin/nx");
  repo.write({ "packages/a/package.json": manifest("a", { build: "echo script" }) });
  expect((await build()).printed).toContain("script");
  repo.write({ "node_modules/.bin/nx": nxWithPlugin });
  chmodSync(join(repo.root, "node_modules/.bin/nx"), 0o755);
  expect((await build()).printed).toBe("one\n");
});
