import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { keepHotRun } from "../src/hot/keep-hot-run.ts";
import type { RanHot } from "../src/hot/ran-hot.ts";

const cwd = mkdtempSync(join(tmpdir(), "slipway-keep-"));
execFileSync("git", ["init", "--quiet"], { cwd });
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** A run of which the tree cannot be asked. */
function ranWith(fault: Error): RanHot {
  const tasks = {
    map: () => {
      throw fault;
    },
  };
  const ran = { request: { cwd, words: ["build"], options: {}, rest: [] }, before: null, plan: { tasks } };
  return ran as unknown as RanHot;
}

test("what keeps a run from being kept is told, unless it is the system that refuses", () => {
  expect(keepHotRun(ranWith(new TypeError("a slip of ours")))).toBe("a slip of ours");
  const full = Object.assign(new Error("no space"), { errno: -28, code: "ENOSPC" });
  expect(keepHotRun(ranWith(full))).toBeNull();
});
