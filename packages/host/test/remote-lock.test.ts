import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeRemoteLock, type RemoteLock } from "../src/index.ts";

let folder: string;
const clones = (): string[] => ["one", "two"].map((name) => join(folder, name));

function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-remote-lock-"));
  git(folder, "init", "--quiet", "--bare", "origin.git");
  for (const clone of clones()) {
    git(folder, "init", "--quiet", clone);
    git(clone, "remote", "add", "origin", join(folder, "origin.git"));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function take(clone: string, more: Record<string, unknown> = {}): Promise<RemoteLock> {
  const options = { env: process.env, onLost: () => undefined, onWaiting: () => undefined };
  return takeRemoteLock(clone, { ...options, beatMs: 60_000, patienceMs: 200, ...more });
}

const dead = { host: "elsewhere", pid: 1, boot: "", job: "", beat: 3 };

/** The ref as another machine would have left it. */
function leave(owner: object): void {
  const [clone = ""] = clones();
  const tree = git(clone, "hash-object", "-t", "tree", "-w", "/dev/null");
  const identity = ["-c", "user.name=a", "-c", "user.email=a@b"];
  const commit = git(clone, ...identity, "commit-tree", tree, "-m", JSON.stringify(owner));
  git(clone, "push", "--quiet", "origin", `${commit}:refs/slipway/release-lock`);
}

test("of two machines one gets the lock, and the other after its release", async () => {
  const [one = "", two = ""] = clones();
  const lock = await take(one);
  expect(lock.state).toBe("taken");
  // This very process lives, and shows it.
  await expect(take(two, { patienceMs: 400 })).resolves.toMatchObject({ state: "taken", contended: true });
  if (lock.state === "taken") await lock.release();
});

test("a lock that shows signs of life is not taken over", async () => {
  const [one = "", two = ""] = clones();
  const lock = await take(one, { beatMs: 50 });
  await expect(take(two, { patienceMs: 5_000 })).rejects.toMatchObject({ code: "release/locked" });
  if (lock.state === "taken") await lock.release();
  expect(await take(two)).toMatchObject({ state: "taken", contended: false });
});

test("what a dead machine left is taken over after a while, what the own job left at once", async () => {
  const [one = ""] = clones();
  leave(dead);
  const waited: string[] = [];
  const lock = await take(one, { onWaiting: (holder: string) => waited.push(holder) });
  expect(lock).toMatchObject({ state: "taken", contended: true });
  expect(waited).toEqual(["process 1 on elsewhere"]);
  if (lock.state === "taken") await lock.release();
  leave({ ...dead, job: "77/release" });
  const env = { ...process.env, GITHUB_RUN_ID: "77", GITHUB_JOB: "release" };
  expect(await take(one, { env, onWaiting: (holder: string) => waited.push(holder) })).toMatchObject({
    state: "taken",
  });
  expect(waited).toHaveLength(1);
});

test("of many that find the lock of a dead machine, exactly one takes it over", async () => {
  leave(dead);
  const [one = "", two = ""] = clones();
  const tries = await Promise.allSettled([one, two, one, two].map((clone) => take(clone)));
  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("a remote that is away for a moment takes nothing from its owner, who is overdue when it stays away", async () => {
  const [one = ""] = clones();
  let lost = 0;
  const lock = await take(one, { beatMs: 40, patienceMs: 1_000, onLost: () => lost++ });
  if (lock.state !== "taken") throw new Error("it was not taken");
  expect(lock.isOverdue()).toBe(false);
  renameSync(join(folder, "origin.git"), join(folder, "away.git"));
  while (!lock.isOverdue()) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(lost).toBe(0);
  renameSync(join(folder, "away.git"), join(folder, "origin.git"));
  while (lock.isOverdue()) await new Promise((resolve) => setTimeout(resolve, 20));
  await lock.release();
});

test("an owner that was taken over is told", async () => {
  const [one = ""] = clones();
  let lost = 0;
  const told = new Promise<void>((resolve) => {
    void take(one, {
      beatMs: 100,
      onLost: () => {
        lost++;
        resolve();
      },
    }).then(() => git(one, "push", "--quiet", "--force", "origin", ":refs/slipway/release-lock"));
  });
  await told;
  expect(lost).toBe(1);
});

test("without a remote, or with one that takes no ref, there is no lock and a reason", async () => {
  const [one = "", two = ""] = clones();
  git(one, "remote", "remove", "origin");
  expect(await take(one)).toMatchObject({ state: "unavailable" });
  const hook = join(folder, "origin.git/hooks/pre-receive");
  writeFileSync(hook, "#!/bin/sh\nexit 1\n");
  chmodSync(hook, 0o755);
  expect(await take(two)).toMatchObject({
    state: "unavailable",
    because: expect.stringContaining("takes no ref"),
  });
});

test("after a time in which this process could not show life it does so before it goes on, unless somebody has the lock", async () => {
  const [one = "", two = ""] = clones();
  let lost = 0;
  const lock = await take(one, { beatMs: 20, patienceMs: 60_000, onLost: () => lost++ });
  if (lock.state !== "taken") throw new Error("not taken");
  const ref = (): string => git(two, "ls-remote", "origin", "refs/slipway/release-lock").slice(0, 40);
  const before = ref();
  // As when something keeps the process busy: no timer fires.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
  await lock.renew();
  expect(ref()).not.toBe(before);
  expect(lost).toBe(0);
  git(two, "push", "--quiet", "origin", ":refs/slipway/release-lock");
  leave(dead);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
  await lock.renew();
  expect(lost).toBeGreaterThan(0);
  await lock.release();
});
