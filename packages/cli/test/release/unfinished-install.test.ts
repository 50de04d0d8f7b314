import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { unfinishedInstall } from "../../src/journeys/unfinished-install.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "slipway-install-"));
  mkdirSync(join(root, ".git"));
  for (const name of ["HEAD", "config"]) write(`.git/${name}`, "");
  write("package.json", "{}\n");
  write("pnpm-workspace.yaml", "packages: [a]\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("what a killed install edited is put back, and nothing is lost", async () => {
  await unfinishedInstall(root).begin("c1");
  write("pnpm-workspace.yaml", "packages: [a]\nminimumReleaseAgeExclude: [b]\n");
  write("yarn.lock", "half of it");

  const after = unfinishedInstall(root);
  expect(after.sinceMs()).toBeTypeOf("number");
  const put = await after.putBack("c1");
  expect(put.map(({ file }) => file)).toEqual(["pnpm-workspace.yaml", "yarn.lock"]);
  expect(read("pnpm-workspace.yaml")).toBe("packages: [a]\n");
  expect(existsSync(join(root, "yarn.lock"))).toBe(false);
  expect(put.map(({ keptIn }) => readFileSync(keptIn, "utf8"))).toEqual([
    "packages: [a]\nminimumReleaseAgeExclude: [b]\n",
    "half of it",
  ]);
  expect(await after.putBack("c1")).toEqual([]);
});

test("what another commit says stays, whatever a killed install had noted", async () => {
  await unfinishedInstall(root).begin("c1");
  write("package.json", '{ "name": "of the next commit" }\n');
  expect(await unfinishedInstall(root).putBack("c2")).toEqual([]);
  expect(read("package.json")).toBe('{ "name": "of the next commit" }\n');
});

test("an install that failed is known, and an edit made since stays", async () => {
  const install = unfinishedInstall(root);
  await install.begin("c1");
  await install.failed();
  write("package.json", '{ "name": "corrected" }\n');
  expect(install.sinceMs()).toBeTypeOf("number");
  expect(await install.putBack("c1")).toEqual([]);
  expect(read("package.json")).toBe('{ "name": "corrected" }\n');
});

test.each([
  ["", "cut off"],
  ["{", "torn"],
])("a note that says %j (%s) puts nothing back", async (text) => {
  const install = unfinishedInstall(root);
  await install.begin("c1");
  write(".git/slipway-install", text);
  write("package.json", "[]");
  expect(await install.putBack("c1")).toEqual([]);
});

test("one that ended leaves no note", async () => {
  const install = unfinishedInstall(root);
  await install.begin("c1");
  await install.end();
  expect(install.sinceMs()).toBeNull();
});

function write(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
