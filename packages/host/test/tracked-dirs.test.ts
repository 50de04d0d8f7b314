import { expect, test } from "vitest";
import { TrackedDirs } from "../src/tree/tracked-dirs.ts";

test("a directory is tracked when a file in it is, at whatever depth, however often one asks", () => {
  const dirs = new TrackedDirs(new Map([["top.txt", null] as const, ["a/b/c/file.txt", null] as const]));
  for (let round = 0; round < 5; round++) {
    expect(["a/", "a/b/", "a/b/c/"].filter((dir) => !dirs.has(dir))).toEqual([]);
    expect(["b/", "a/b/c/d/", "a/b/c/file.txt/", "top.txt/", "to/"].filter((dir) => dirs.has(dir))).toEqual(
      [],
    );
  }
});
