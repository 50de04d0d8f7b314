import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { gitLocks } from "../../src/index.ts";
import { makeRepository } from "./repository-of.ts";

describe("locks that keep git from committing", () => {
  test("are none where git is at rest, or is not used", async () => {
    const { dir } = makeRepository();
    expect(await gitLocks(dir)).toEqual([]);
    rmSync(join(dir, ".git"), { recursive: true });
    expect(await gitLocks(dir)).toEqual([]);
  });

  test.each(["index.lock", "HEAD.lock", "refs/heads/main.lock"])(
    "are named when they stay, and waited for when they go: %s",
    async (name) => {
      const repository = makeRepository();
      repository.write({ [`.git/${name}`]: "", ".git/refs/heads/other.lock": "" });
      const { dir } = repository;
      const lock = join(dir, ".git", name);
      expect(await gitLocks(dir, 0)).toEqual([lock]);
      const waited = gitLocks(dir);
      rmSync(lock);
      expect(await waited).toEqual([]);
    },
  );
});
