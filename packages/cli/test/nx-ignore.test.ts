import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadWorkspace } from "../src/wire/load-workspace.ts";

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "nx-ignore-"));
  const write = (path: string, value: object): void => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), JSON.stringify(value));
  };
  write("nx.json", {});
  write("package.json", { name: "root", private: true });
  write("apps/web/project.json", { name: "web", targets: { build: { command: "true" } } });
  write("apps/web/test/fixtures/old/project.json", { name: "old", targets: { build: { command: "true" } } });
  execFileSync("git", ["init", "-q"], { cwd: root });
  execFileSync("git", ["add", "-A"], { cwd: root });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function projects(): string[] {
  return loadWorkspace(root)
    .workspace.packages.map(({ name }) => name)
    .filter((name) => name !== "root");
}

test("every project.json that git does not ignore is a project of nx", () => {
  expect(projects().toSorted()).toEqual(["old", "web"]);
});

test("what .nxignore names is no project, though git tracks it", () => {
  writeFileSync(join(root, ".nxignore"), "**/fixtures/**\n");
  expect(projects()).toEqual(["web"]);
});
