import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, expect, test } from "vitest";
import { SmallWorkspace } from "../../../../tools/prove/no-stale-hit/small-workspace.ts";
import { dispatch } from "../../src/dispatch.ts";
import { testOutside } from "../outside.ts";

let workspace: SmallWorkspace;
afterEach(() => workspace.dispose());

function install(path: string, version: string): void {
  const file = workspace.path(path);
  mkdirSync(dirname(file), { recursive: true });
  const packages = `packages:\n\n  one@${version}:\n    resolution: {integrity: sha512-a==}\n`;
  writeFileSync(file, `lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\n${packages}`);
}

async function run(): Promise<{ readonly misses: number; readonly warned: boolean }> {
  const outside = testOutside({ cwd: workspace.root, env: workspace.env });
  expect(await dispatch(["run", "build", "--json"], outside)).toBe(0);
  const events = outside
    .stdout()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; cache: string });
  const misses = events.filter(({ type, cache }) => type === "task" && cache === "miss").length;
  return { misses, warned: outside.stderr().includes("out of step with pnpm-lock.yaml") };
}

test("with a node_modules that is not the lockfile's nothing is stored and nothing remembered, and that is said", async () => {
  workspace = new SmallWorkspace();
  install("pnpm-lock.yaml", "2.0.0");
  install("node_modules/.pnpm/lock.yaml", "1.0.0");
  expect(await run()).toEqual({ misses: 4, warned: true });
  expect(await run()).toEqual({ misses: 4, warned: true });
  install("node_modules/.pnpm/lock.yaml", "2.0.0");
  expect(await run()).toEqual({ misses: 4, warned: false });
  expect(await run()).toEqual({ misses: 0, warned: false });
});
