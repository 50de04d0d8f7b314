import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockedIndex } from "../../src/index.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-locked-"));
  execFileSync("git", ["init", "-q"], { cwd: dir });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("a lock on git's index", () => {
  test("is none where git is at rest, or is not used", async () => {
    expect(await lockedIndex(dir)).toBeNull();
    rmSync(join(dir, ".git"), { recursive: true });
    expect(await lockedIndex(dir)).toBeNull();
  });

  test("is named when it stays, and waited for when it goes", async () => {
    const lock = join(dir, ".git/index.lock");
    writeFileSync(lock, "");
    expect(await lockedIndex(dir, 0)).toBe(lock);
    const waited = lockedIndex(dir);
    rmSync(lock);
    expect(await waited).toBeNull();
  });
});
