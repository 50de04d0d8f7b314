import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isSameNodeLine, pinnedNode } from "../src/index.ts";

test.each([
  [".nvmrc", "24.16.0\n", "24.16.0"],
  [".nvmrc", "v22\n", "22"],
  [".node-version", "20.11\n", "20.11"],
  [".nvmrc", "lts/*\n", null],
])("%s with %j asks for %s", (file, text, version) => {
  const root = mkdtempSync(join(tmpdir(), "pinned-node-"));
  writeFileSync(join(root, file), text);
  expect(pinnedNode(root)).toEqual(version === null ? null : { version, file });
  rmSync(root, { recursive: true });
});

test("only the line of Node counts", () => {
  expect(isSameNodeLine("24.16.0", "v24.21.0")).toBe(true);
  expect(isSameNodeLine("24", "v20.20.2")).toBe(false);
});
