import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findAffected } from "../../src/wire/find-affected.ts";
import { loadWorkspace } from "../../src/wire/load-workspace.ts";

let root = "";
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "find affected-"))));
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function git(...args: readonly string[]): void {
  const who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"];
  execFileSync("git", [...who, ...args], { cwd: root, stdio: "ignore" });
}

const lock = (two: string) => `__metadata:
  version: 8

"one@npm:1.0.0":
  version: 1.0.0
  resolution: "one@npm:1.0.0"

"two@npm:^2.0.0":
  version: ${two}
  resolution: "two@npm:${two}"
`;

test("a changed lockfile of Yarn affects a package that uses a catalog only where its own part changed", async () => {
  write({
    "package.json": '{ "name": "root", "packageManager": "yarn@4.10.0", "workspaces": ["packages/*"] }',
    ".yarnrc.yml": "catalog:\n  one: 1.0.0\n",
    "yarn.lock": lock("2.0.0"),
    "packages/a/package.json": '{ "name": "a", "dependencies": { "one": "catalog:" } }',
    "packages/b/package.json": '{ "name": "b", "dependencies": { "two": "^2.0.0" } }',
  });
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "-m", "state");
  write({ "yarn.lock": lock("2.1.0") });
  const { workspace } = loadWorkspace(root);
  const { packages } = await findAffected({
    root,
    workspace,
    env: { PATH: process.env["PATH"] },
    base: "HEAD",
    head: null,
    strict: true,
  });
  expect(packages?.map(({ name }) => name)).toEqual(["b"]);
});
