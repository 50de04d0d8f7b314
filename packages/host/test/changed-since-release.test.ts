import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { changedSinceRelease, commitsThatAdd } from "../src/index.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "slipway-history-"));
  git("init", "-q", "-b", "main");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function git(...args: readonly string[]): string {
  const identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...identity, ...args], { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
}

function commit(files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  git("add", "-A");
  git("commit", "-q", "--allow-empty", "-m", "change");
  return git("rev-parse", "HEAD");
}

const manifest = (version: string) => `{\n  "version": "${version}"\n}\n`;

describe("what changed since a package's current version was released:", () => {
  const packages = [
    { name: "a", dir: "packages/a", version: "1.0.0" },
    { name: "b", dir: "packages/b", version: "1.0.0" },
  ];
  const start = {
    "packages/a/package.json": manifest("1.0.0"),
    "packages/b/package.json": manifest("1.0.0"),
  };

  test("since its tag, where there is one", async () => {
    commit(start);
    git("tag", "a@1.0.0");
    git("tag", "b@1.0.0");
    commit({ "packages/b/index.js": "1" });
    expect([...(await changedSinceRelease(root, packages, process.env))]).toEqual([["b", "b@1.0.0"]]);
  });

  test("without a tag, since the commit that wrote its version", async () => {
    const released = commit(start);
    commit({ "packages/a/index.js": "1" });
    expect([...(await changedSinceRelease(root, packages, process.env))]).toEqual([
      ["a", released.slice(0, 10)],
    ]);
  });

  test("a package whose release is not to be found counts as changed", async () => {
    commit(start);
    const all = [...packages, { name: "c", dir: "packages/c", version: "1.0.0" }];
    expect([...(await changedSinceRelease(root, all, process.env)).keys()]).toEqual(["c"]);
  });
});

test("each file's commit is the one that added it last, and what was never committed has none", async () => {
  commit({ "sets/one.md": "1", "sets/two.md": "2" });
  git("rm", "-q", "sets/one.md");
  commit({});
  const again = commit({ "sets/one.md": "anew" });
  const asked = { folder: "sets", paths: ["sets/one.md", "sets/three.md"] };
  expect([...(await commitsThatAdd(root, asked, process.env))]).toEqual([["sets/one.md", again]]);
});
