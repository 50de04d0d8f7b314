import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  makeScratchCheckout,
  makeScratchCopy,
  makeScratchFolder,
  takeUncommittedAlong,
  uncommittedChanges,
} from "../src/index.ts";

let home = "";
const before = process.env["TMPDIR"];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "scratch-test-"));
  process.env["TMPDIR"] = home;
});

afterEach(() => {
  if (before === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = before;
  rmSync(home, { recursive: true, force: true });
});

test("a scratch folder whose owner was killed is deleted by the next run, one whose owner lives is not", () => {
  const mine = makeScratchFolder("one");
  const dead = spawnSync("true").pid;
  const left = join(mine.path, "..", "two-left");
  mkdirSync(left);
  const boot = (JSON.parse(readFileSync(join(mine.path, "owner.json"), "utf8")) as { boot: string }).boot;
  writeFileSync(join(left, "owner.json"), JSON.stringify({ pid: dead, boot }));
  const next = makeScratchFolder("three");
  expect(existsSync(left)).toBe(false);
  expect(existsSync(mine.path)).toBe(true);
  mine.remove();
  next.remove();
  expect(existsSync(mine.path)).toBe(false);
});

test("a scratch checkout leaves the repository exactly as it was and runs none of its hooks", async () => {
  const { repository, commit } = repositoryWithHooks();
  const refsBefore = git(repository, "for-each-ref");
  const target = join(home, "checkout");
  await makeScratchCheckout(repository, commit, target);
  expect(readFileSync(join(target, "a.txt"), "utf8")).toBe("one\n");
  expect(existsSync(join(home, "hook-ran"))).toBe(false);
  expect(git(repository, "for-each-ref")).toBe(refsBefore);
  expect(git(repository, "status", "--porcelain")).toBe("");
  expect(git(repository, "worktree", "list").trim().split("\n")).toHaveLength(1);
});

test("a copy of a Plug'n'Play work tree finds its packages where they are, inside of the copy and outside", async () => {
  const { repository } = repositoryWithHooks();
  const line = (location: string): string => `"packageLocation": "${location}",\\\n`;
  writeFileSync(join(repository, ".pnp.cjs"), line("./packages/a/") + line("../cache/x.zip/node_modules/x/"));
  mkdirSync(join(home, "deep"));
  const copy = await makeScratchCopy(repository, { target: join(home, "deep/copy"), dirs: [] });
  expect(readFileSync(join(copy, ".pnp.cjs"), "utf8")).toBe(
    line("./packages/a/") + line(`${relative(copy, join(repository, ".."))}/cache/x.zip/node_modules/x/`),
  );
});

test("nothing can be pushed from a scratch checkout", async () => {
  const { repository, commit } = repositoryWithHooks();
  const target = join(home, "checkout");
  await makeScratchCheckout(repository, commit, target);
  const push = spawnSync("git", ["push", "origin", "HEAD:refs/heads/evil"], {
    cwd: target,
    encoding: "utf8",
  });
  expect(push.status).not.toBe(0);
  expect(git(repository, "for-each-ref", "refs/heads/evil")).toBe("");
});

test("uncommitted changes are named, and taken along when asked: changed, deleted, untracked and binary", async () => {
  const { repository, commit } = repositoryWithHooks();
  writeFileSync(join(repository, "a.txt"), "two\n");
  rmSync(join(repository, "b.bin"));
  mkdirSync(join(repository, "sub dir"));
  writeFileSync(join(repository, "sub dir/ü.bin"), Buffer.from([0, 1, 255]));
  const changes = await uncommittedChanges(repository);
  expect(changes).toEqual({ tracked: ["a.txt", "b.bin"], untracked: ["sub dir/ü.bin"] });
  const target = join(home, "checkout");
  await makeScratchCheckout(repository, commit, target);
  await takeUncommittedAlong(repository, target);
  expect(readFileSync(join(target, "a.txt"), "utf8")).toBe("two\n");
  expect(existsSync(join(target, "b.bin"))).toBe(false);
  expect([...readFileSync(join(target, "sub dir/ü.bin"))]).toEqual([0, 1, 255]);
  expect(git(target, "status", "--porcelain")).toBe("");
});

function repositoryWithHooks(): { repository: string; commit: string } {
  const repository = join(home, "repository");
  mkdirSync(repository);
  git(repository, "init", "-q", "-b", "main");
  writeFileSync(join(repository, "a.txt"), "one\n");
  writeFileSync(join(repository, "b.bin"), Buffer.from([0, 159, 146, 150]));
  git(repository, "add", "-A");
  git(repository, "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "first");
  for (const hook of ["post-checkout", "pre-push", "post-commit", "pre-commit"]) {
    const path = join(repository, ".git/hooks", hook);
    writeFileSync(path, `#!/bin/sh\ntouch '${join(home, "hook-ran")}'\n`);
    chmodSync(path, 0o755);
  }
  return { repository, commit: git(repository, "rev-parse", "HEAD").trim() };
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8" });
}
