import { expect, test } from "vitest";
import { packageGraph, readWorkspace } from "../src/index.ts";

function linked(root: object, files: Readonly<Record<string, string>> = {}): boolean {
  const texts = new Map([
    ["package.json", JSON.stringify({ name: "root", workspaces: ["packages/*"], ...root })],
    ["packages/a/package.json", '{ "name": "a", "version": "1.2.0" }'],
    ["packages/b/package.json", '{ "name": "b", "dependencies": { "a": "^1.0.0" } }'],
    ...Object.entries(files),
  ]);
  const read = readWorkspace({ files: texts });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return packageGraph(read.value).get("b")?.includes("a") ?? false;
}

const pnpm = { "pnpm-workspace.yaml": "packages: [packages/*]\n" };

test.each([
  ["npm", { packageManager: "npm@11.0.0" }, {}, true],
  ["yarn", { packageManager: "yarn@4.9.0" }, {}, true],
  ["pnpm 8", { packageManager: "pnpm@8.15.0" }, pnpm, true],
  ["pnpm 9", { packageManager: "pnpm@9.0.0" }, pnpm, false],
  [
    "pnpm 10 with a setting in .npmrc",
    { packageManager: "pnpm@10.0.0" },
    { ...pnpm, ".npmrc": "link-workspace-packages=true\n" },
    true,
  ],
  [
    "pnpm 10 with a setting of its own",
    { packageManager: "pnpm@10.0.0" },
    { "pnpm-workspace.yaml": "packages: [packages/*]\nlinkWorkspacePackages: deep\n" },
    true,
  ],
  ["a lockfile of pnpm 8", {}, { ...pnpm, "pnpm-lock.yaml": "lockfileVersion: '6.0'\n" }, true],
  ["a lockfile of pnpm 9", {}, { ...pnpm, "pnpm-lock.yaml": "lockfileVersion: '9.0'\n" }, false],
])("whether a plain range is linked to the workspace, with %s", (...[, root, files, expected]) => {
  expect(linked(root, files)).toBe(expected);
});
