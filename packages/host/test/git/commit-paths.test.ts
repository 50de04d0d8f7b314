import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commitPaths } from "../../src/index.ts";
import { gitEnv, makeRepository } from "./repository-of.ts";

test("these paths are committed as they are, also those that a run before took out of the index, and nothing else", async () => {
  const repository = makeRepository();
  const { dir } = repository;
  repository.commit({ changed: "old", gone: "old", "gone-and-staged": "old", else: "old" });
  repository.write({ changed: "new", else: "new" });
  rmSync(join(dir, "gone"));
  repository.git("rm", "-q", "gone-and-staged");
  repository.git("add", "else");
  const paths = ["changed", "gone", "gone-and-staged", "never-there"];
  expect(await commitPaths(dir, { message: "words", paths }, gitEnv)).toBeNull();
  expect(repository.git("show", "--format=%s", "--name-status").trim().split("\n")).toEqual([
    "words",
    "",
    "M\tchanged",
    "D\tgone",
    "D\tgone-and-staged",
  ]);
  expect(repository.git("status", "--porcelain").trim()).toBe("M  else");
});
