import { readWorkspace } from "@slipway/workspace";
import { expect, test } from "vitest";

function globalFiles(lockfile: string): readonly string[] {
  const manifest = {
    name: "root",
    workspaces: ["packages/*"],
    patchedDependencies: { "ms@2.1.3": "patches/ms@2.1.3.patch", "@acme/b@1.0.0": "./patches/b.patch" },
  };
  const files = new Map([
    ["package.json", JSON.stringify(manifest)],
    ["nx.json", "{}"],
    ["packages/a/package.json", '{ "name": "a" }'],
    [lockfile, ""],
  ]);
  const read = readWorkspace({ files });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value.tasks.global.files;
}

test("the patches of bun's dependencies count for every task, since its lockfile only names them; a binary lockfile counts as a file", () => {
  expect(globalFiles("bun.lockb")).toEqual(
    expect.arrayContaining(["patches/ms@2.1.3.patch", "patches/b.patch", "bun.lockb"]),
  );
  expect(globalFiles("yarn.lock").filter((path) => path.startsWith("patches/"))).toEqual([]);
});
