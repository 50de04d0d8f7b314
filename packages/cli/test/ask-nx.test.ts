import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadWorkspace, type LoadedWorkspace } from "../src/wire/load-workspace.ts";

let root = "";
const said: string[] = [];

/** An nx that counts how often it was asked and answers with one project. */
const fakeNx = `#!/bin/sh
echo asked >> "$ASKED"
case "$NX_SAYS" in fail) echo "plugin exploded" >&2; exit 1;; esac
echo '{"graph":{"nodes":{"a":{"name":"a","data":{"root":"packages/a","targets":{"inferred":{"executor":"nx:run-commands","options":{"command":"echo"}}}}}},"dependencies":{}}}' > "\${2#--file=}"
`;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ask nx-"));
  said.length = 0;
  write("nx.json", '{ "plugins": ["@nx/vite/plugin"] }');
  write("package.json", '{ "name": "root", "workspaces": ["packages/*"] }');
  write("packages/a/package.json", '{ "name": "a" }');
  write("packages/a/vite.config.ts", "export default {};");
  write(".gitignore", "node_modules\ncache\nasked\n");
  write("node_modules/nx/package.json", '{ "version": "24.0.6" }');
  write("node_modules/.bin/nx", fakeNx);
  chmodSync(`${root}/node_modules/.bin/nx`, 0o755);
  git("init", "-q");
  git("add", "-A");
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(`${root}/${path}`), { recursive: true });
  writeFileSync(`${root}/${path}`, text);
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" });
}

function load(nxSays = "graph"): LoadedWorkspace {
  const env = { ...process.env, ASKED: `${root}/asked`, NX_SAYS: nxSays };
  return loadWorkspace(root, { askNx: { cacheDir: `${root}/cache`, env, say: (line) => said.push(line) } });
}

function timesAsked(): number {
  return existsSync(`${root}/asked`) ? readFileSync(`${root}/asked`, "utf8").split("\n").length - 1 : 0;
}

test("nx is asked once for one state of its files, and again when a configuration file changes", () => {
  expect(load().workspace.tasks.rules).toMatchObject([{ package: "a", task: "inferred" }]);
  expect(said).toEqual([expect.stringContaining("asking nx")]);
  load();
  expect(timesAsked()).toBe(1);
  write("packages/a/vite.config.ts", "export default { build: {} };");
  load();
  expect(timesAsked()).toBe(2);
});

test("a change of contents that no plugin looks at asks nothing", () => {
  write("packages/a/source.ts", "export const one = 1;");
  git("add", "-A");
  load();
  write("packages/a/source.ts", "export const two = 2;");
  load();
  expect(timesAsked()).toBe(1);
});

test("an nx that fails is said, and the tasks that need no plugin are there", () => {
  write("packages/a/package.json", '{ "name": "a", "scripts": { "build": "tsc" } }');
  expect(load("fail").workspace.tasks.rules).toMatchObject([{ package: "a", task: "build" }]);
  expect(said.join("")).toContain("plugin exploded");
});

test("without being told to, nothing of the repository is executed", () => {
  loadWorkspace(root);
  expect(timesAsked()).toBe(0);
});

test("the work tree stays as it is", () => {
  const before = git("status", "--porcelain", "--ignored");
  load();
  expect(git("status", "--porcelain", "--ignored").replace(/!! (cache\/|asked)\n/g, "")).toBe(before);
});
