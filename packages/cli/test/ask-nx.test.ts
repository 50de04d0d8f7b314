import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadForTasks } from "../src/wire/load-for-tasks.ts";
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

function load(nxSays = "graph", more: Readonly<Record<string, string>> = {}): Promise<LoadedWorkspace> {
  const own = { ASKED: `${root}/asked`, NX_SAYS: nxSays, SLIPWAY_CACHE_DIR: `${root}/cache` };
  const env = { ...process.env, ...own, ...more };
  return loadForTasks({ cwd: root, env, say: (line) => said.push(line) }, {});
}

function timesAsked(): number {
  return existsSync(`${root}/asked`) ? readFileSync(`${root}/asked`, "utf8").split("\n").length - 1 : 0;
}

test("nx is asked once for one state of its files, and again when a configuration file changes", async () => {
  expect((await load()).workspace.tasks.rules).toMatchObject([{ package: "a", task: "inferred" }]);
  expect(said).toEqual([expect.stringContaining("asking nx")]);
  await load();
  expect(timesAsked()).toBe(1);
  write("packages/a/vite.config.ts", "export default { build: {} };");
  await load();
  expect(timesAsked()).toBe(2);
});

test("what a configuration file loads, from its package or another one, is asked about as well", async () => {
  write("packages/a/vite.config.ts", 'import base from "./base.js";\nimport rules from "@acme/rules";');
  write("packages/a/base.ts", 'export { one } from "../../tools/one";');
  write("tools/one.ts", "export const one = 1;");
  write("packages/rules/src/index.ts", "export default {};");
  mkdirSync(`${root}/node_modules/@acme`);
  symlinkSync("../../packages/rules", `${root}/node_modules/@acme/rules`);
  await load();
  for (const path of ["packages/a/base.ts", "tools/one.ts", "packages/rules/src/index.ts"]) {
    const before = timesAsked();
    write(path, `${readFileSync(`${root}/${path}`, "utf8")}// changed`);
    await load();
    expect([path, timesAsked()]).toEqual([path, before + 1]);
  }
});

test("a change of contents that no plugin looks at asks nothing", async () => {
  write("packages/a/source.ts", "export const one = 1;");
  git("add", "-A");
  await load();
  write("packages/a/source.ts", "export const two = 2;");
  await load();
  expect(timesAsked()).toBe(1);
});

test("an nx that fails is said, and the tasks that need no plugin are there", async () => {
  write("packages/a/package.json", '{ "name": "a", "scripts": { "build": "tsc" } }');
  expect((await load("fail")).workspace.tasks.rules).toMatchObject([{ package: "a", task: "build" }]);
  expect(said.join("")).toContain("plugin exploded");
});

test("without being told to, nothing of the repository is executed", () => {
  loadWorkspace(root);
  expect(timesAsked()).toBe(0);
});

test("the work tree stays as it is", async () => {
  const before = git("status", "--porcelain", "--ignored");
  await load();
  expect(git("status", "--porcelain", "--ignored").replace(/!! (cache\/|asked)\n/g, "")).toBe(before);
});

test("another clone with the same cache asks nothing, and another trust domain asks for itself", async () => {
  git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "one");
  await load();
  const first = root;
  try {
    git("clone", "-q", ".", "clone");
    cpSync(`${first}/node_modules`, `${first}/clone/node_modules`, { recursive: true });
    root = `${first}/clone`;
    const cache = { SLIPWAY_CACHE_DIR: `${first}/cache`, ASKED: `${first}/asked` };
    expect((await load("graph", cache)).workspace.tasks.rules).toMatchObject([{ task: "inferred" }]);
    root = first;
    expect(timesAsked()).toBe(1);
    await load("graph", { SLIPWAY_TRUST_DOMAIN: "pull request 7" });
    expect(timesAsked()).toBe(2);
  } finally {
    root = first;
  }
});

test("where edges come from imports, nx is asked again when an import changes and not when other lines do", async () => {
  write("nx.json", '{ "pluginsConfig": { "@nx/js": {} } }');
  write("packages/a/source.ts", 'import { b } from "@acme/b";\nexport const one = b;');
  await load();
  write("packages/a/source.ts", 'import { b, c } from "@acme/b";\nexport const two = b + c;');
  await load();
  expect(timesAsked()).toBe(1);
  for (const line of [
    'export * from "./c";',
    'const d = await import(/* webpackChunkName: "d" */ `./d`);',
    "const e = require('./e');",
    "import f = require(\n  './f');",
  ]) {
    const before = timesAsked();
    write("packages/a/source.ts", `import { b } from "@acme/b";\n${line}`);
    await load();
    await load();
    expect([line, timesAsked()]).toEqual([line, before + 1]);
  }
});

test("where a plugin is made in the repository, every source file is asked about", async () => {
  write("nx.json", '{ "plugins": ["./tools/plugin.ts"] }');
  write("tools/plugin.ts", "export const one = 1;");
  await load();
  write("tools/plugin.ts", "export const two = 2;");
  await load();
  expect(timesAsked()).toBe(2);
});
