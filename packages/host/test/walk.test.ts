import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { splitGlob, walkGlobs } from "../src/tree/walk.ts";

const root = mkdtempSync(join(tmpdir(), "slipway-walk-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const files = [
  "p/.env",
  "p/.env.local",
  "p/src/a.ts",
  "p/src/deep/b.ts",
  "p/dist/a.js",
  "p/dist/deep/b.js",
  "(x)/[y]/z.ts",
];
for (const path of files) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), "");
}

test.each([
  ["p/.env*", ["p/.env", "p/.env.local"], ["p"]],
  ["p/src", ["p/src/a.ts", "p/src/deep/b.ts"], ["p/src", "p/src/deep"]],
  ["p/s*/*.ts", ["p/src/a.ts"], ["p", "p/src"]],
  [
    "p/*/**/b.*",
    ["p/dist/deep/b.js", "p/src/deep/b.ts"],
    ["p", "p/src", "p/src/deep", "p/dist", "p/dist/deep"],
  ],
  [
    "p/{src,dist/deep}/*",
    ["p/dist/deep/b.js", "p/src/a.ts"],
    ["p", "p/src", "p/src/deep", "p/dist", "p/dist/deep"],
  ],
  [String.raw`\(x\)/\[y\]/**`, ["(x)/[y]/z.ts"], ["(x)/[y]"]],
])("%s finds what matches and reads no directory in which nothing can", (glob, found, read) => {
  const walked = walkGlobs(root, { include: [glob], exclude: [] });
  expect(walked.paths).toEqual(found);
  expect([...walked.dirs].toSorted()).toEqual(read.toSorted());
});

test.each([
  ["packages/@scope/a/**", "packages/@scope/a", "**"],
  [String.raw`apps/\(group\)/**/*.ts`, "apps/(group)", "**/*.ts"],
  ["packages/a/file.ts", "packages/a/file.ts", ""],
  ["packages/@(a|b)/**", "packages", "@(a|b)/**"],
  ["./src/*", "src", "*"],
])("%s starts at %s", (glob, base, rest) => {
  expect(splitGlob(glob)).toEqual({ base, rest });
});
