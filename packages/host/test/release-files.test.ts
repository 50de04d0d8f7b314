import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openJournalFile, replaceDurably, runBounded, takeLock } from "../src/index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-release-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const now = new Date(0);

test("a journal is appended to, read back and cut", async () => {
  const path = join(folder, "deep/er/journal.jsonl");
  const journal = await openJournalFile(path);
  await journal.append("one\n");
  await journal.append("tö");
  expect(await journal.read()).toBe("one\ntö");
  await journal.cut("one\n");
  await journal.append("two\n");
  await journal.close();
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
});

test("a file is replaced whole, and nothing of the making is left", async () => {
  await replaceDurably(join(folder, "plan.json"), "one");
  await replaceDurably(join(folder, "plan.json"), "two");
  expect(readdirSync(folder)).toEqual(["plan.json"]);
  expect(readFileSync(join(folder, "plan.json"), "utf8")).toBe("two");
});

test("a lock has one owner at a time, and the next owner has the higher number", async () => {
  const lock = join(folder, "lock");
  const first = await takeLock(lock, now);
  await expect(takeLock(lock, now)).rejects.toMatchObject({ code: "release/locked" });
  expect(first.isMine()).toBe(true);
  await first.release();
  const second = await takeLock(lock, now);
  expect(second.fence).toBeGreaterThan(first.fence);
  expect(first.isMine()).toBe(false);
});

test("a lock whose owner is gone is taken over", async () => {
  const lock = join(folder, "lock");
  const first = await takeLock(lock, now);
  const gone = spawnSync(process.execPath, ["--eval", ""]).pid;
  const file = join(lock, `${first.fence}.json`);
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, "utf8")) as object), pid: gone }));
  expect((await takeLock(lock, now)).fence).toBe(first.fence + 1);
});

test("of many that want the lock of a dead owner at once, exactly one gets it", async () => {
  for (let round = 0; round < 20; round++) {
    const lock = join(folder, `lock-${round}`);
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(lock, now)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  }
});

test("a program that does not end is ended with all that it started", async () => {
  const script = `sleep 60 & echo started; wait`;
  const ran = await runBounded("sh", ["-c", script], { cwd: folder, env: process.env, timeoutMs: 300 });
  expect(ran).toMatchObject({ exitCode: null, timedOut: true, stdout: "started\n" });
});

test("output beyond the bound is dropped, and a program that is not there is an answer", async () => {
  const options = { cwd: folder, env: process.env, timeoutMs: 20_000, outputBytesMax: 10 };
  expect((await runBounded("sh", ["-c", "yes | head -1000"], options)).stdout).toHaveLength(10);
  expect(await runBounded("no-such-program-here", [], options)).toMatchObject({ exitCode: 127 });
});
