import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isReleasedRoot } from "../../src/wire/released-root.ts";

const plain = mkdtempSync(join(tmpdir(), "slipway-root-"));
const lerna = mkdtempSync(join(tmpdir(), "slipway-root-"));
writeFileSync(join(lerna, "lerna.json"), "{}");
writeFileSync(join(plain, "a.js"), "");
afterAll(() => {
  for (const each of [plain, lerna]) rmSync(each, { recursive: true });
});

const whole = { name: "a", version: "1.2.0", exports: { ".": "./dist/a.js" } };

test.each<[string, Record<string, unknown>, boolean]>([
  ["with entries of its own", whole, true],
  ["with nothing but a list of files", { name: "a", version: "1.2.0", files: ["rules"] }, true],
  ["that is private", { ...whole, private: true }, false],
  ["without a version", { name: "a", main: "a.js" }, false],
  ["whose version is nobody's", { ...whole, version: "0.0.0" }, false],
  ["with a main that is there", { name: "a", version: "1.2.0", main: "a.js" }, true],
  ["as npm init leaves it", { name: "a", version: "1.0.0", main: "index.js" }, false],
  ["that only has scripts", { name: "a", version: "1.2.0", scripts: { build: "tsc -b" } }, false],
])("a workspace's root %s", (_, manifest, isReleased) => {
  expect(isReleasedRoot(plain, manifest, false)).toBe(isReleased);
});

test("Changesets and lerna leave a root alone", () => {
  expect(isReleasedRoot(plain, whole, true)).toBe(false);
  expect(isReleasedRoot(lerna, whole, false)).toBe(false);
});
