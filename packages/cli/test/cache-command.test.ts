import { appendFileSync, chmodSync, cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dispatch } from "../src/dispatch.ts";
import { boundsOf } from "../src/journeys/care-for-cache.ts";
import { testOutside } from "./outside.ts";

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "slipway-cache-test-"));
  cpSync(join(import.meta.dirname, "fixtures/two-packages"), cwd, { recursive: true });
});
afterEach(() => rmSync(cwd, { recursive: true }));

async function slipway(line: string) {
  const env = { PATH: process.env["PATH"], HOME: cwd, SLIPWAY_CACHE_DIR: join(cwd, "cache") };
  const outside = testOutside({ cwd, env });
  const status = await dispatch(line.split(" "), outside);
  return { status, stdout: outside.stdout(), stderr: outside.stderr() };
}

test("what runs store is counted, checked and pruned", async () => {
  await slipway("run build");
  const stats = await slipway("cache stats --json");
  expect(JSON.parse(stats.stdout)).toMatchObject({ schema: 1, dir: join(cwd, "cache/store/v1"), entries: 2 });
  expect((await slipway("cache")).stdout).toMatch(/results +2 entries/);
  expect(await slipway("cache verify")).toMatchObject({
    status: 0,
    stdout: "",
    stderr: "2 entries and 0 large files: whole\n",
  });
  const ac = join(cwd, "cache/store/v1/ac");
  const [folder = ""] = readdirSync(ac);
  const entry = join(ac, folder, readdirSync(join(ac, folder))[0] ?? "");
  chmodSync(entry, 0o644);
  appendFileSync(entry, "more");
  expect(await slipway("cache verify")).toMatchObject({
    status: 1,
    stdout: expect.stringContaining(": it is not what was written"),
  });
  expect((await slipway("cache verify --repair")).status).toBe(0);
  expect((await slipway("cache verify")).status).toBe(0);
  expect((await slipway("cache prune --max-size 0B")).stdout).toMatch(/^1 entry and 0 large files removed/);
  expect(JSON.parse((await slipway("cache stats --json")).stdout)).toMatchObject({
    entries: 0,
    quarantined: 1,
  });
});

test("bounds are sizes and ages as people write them", () => {
  expect(boundsOf({ size: "10GB", age: "30d" })).toEqual({ sizeBytesMax: 1e10, ageMsMax: 30 * 86_400_000 });
  expect(boundsOf({ size: "1.5MiB", age: "12h" })).toEqual({
    sizeBytesMax: 1_572_864,
    ageMsMax: 12 * 3_600_000,
  });
  for (const size of ["", "10 apples", "-1GB"])
    expect(() => boundsOf({ size, age: "1d" })).toThrow("--max-size");
  for (const age of ["", "30", "1y"]) expect(() => boundsOf({ size: "1GB", age })).toThrow("--max-age");
});
