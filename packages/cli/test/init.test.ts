import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dispatch } from "../src/dispatch.ts";
import { testOutside } from "./outside.ts";

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "slipway-init-"));
  cpSync(join(import.meta.dirname, "fixtures/two-packages"), cwd, { recursive: true });
});
afterEach(() => rmSync(cwd, { recursive: true }));

async function slipway(line: string): Promise<string> {
  const outside = testOutside({ cwd, env: { PATH: process.env["PATH"], HOME: cwd } });
  expect(await dispatch(line.split(" "), outside)).toBe(0);
  return outside.stdout();
}

test("init says what was read, writes what releases need, and a second time nothing", async () => {
  expect(await slipway("init --plan")).toContain("would write .changeset/config.json");
  expect(existsSync(join(cwd, ".changeset"))).toBe(false);
  const first = await slipway("init");
  expect(first).toContain("3 packages, 2 of them publishable");
  expect(first).toContain("tasks: from turbo");
  expect(first).toContain("wrote .changeset/config.json");
  expect(await slipway("init")).toContain("nothing to write");
  expect(await slipway("status --json")).toContain('"bumps"');
});

test("init never touches a file that exists", async () => {
  mkdirSync(join(cwd, ".changeset"));
  writeFileSync(join(cwd, ".changeset/config.json"), '{ "baseBranch": "trunk" }');
  expect(await slipway("init")).not.toContain("config.json");
  expect(readFileSync(join(cwd, ".changeset/config.json"), "utf8")).toBe('{ "baseBranch": "trunk" }');
});
