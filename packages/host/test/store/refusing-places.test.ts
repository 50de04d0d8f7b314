import { hash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureDir } from "../../src/ensure-dir.ts";
import { decodeEntry } from "../../src/store/result-entry.ts";
import { sealSections, unsealSections } from "../../src/store/sealed-file.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-places-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

test("a folder is made with all above it, and making it again is no fault", () => {
  ensureDir(join(dir, "a/b/c"));
  ensureDir(join(dir, "a/b/c"));
  writeFileSync(join(dir, "a/b/c/file"), "");
  expect(() => ensureDir(join(dir, "a/b/c/file/d"))).toThrow(/EEXIST/);
});

test.skipIf(process.platform !== "linux")(
  "a place where nothing can be made is refused, not tried for ever",
  () => {
    expect(() => ensureDir("/proc/nope/deeper")).toThrow(/ENOENT/);
  },
);

test("a sealed file of another shape counts as none", () => {
  const good = sealSections("f", { one: Buffer.from("1") });
  expect(unsealSections("f", good)?.get("one")?.toString()).toBe("1");
  for (const table of [
    "null",
    "[1]",
    '{"one":[0]}',
    '{"one":[0,99]}',
    '{"one":[-1,1]}',
    '{"one":"x"}',
    "{",
  ]) {
    expect(unsealSections("f", sealed(table)), table).toBeNull();
  }
  expect(unsealSections("f", sealed("{}", "x"))).toBeNull();
});

test("a sealed result with other fields is a miss", () => {
  const entry = (header: unknown): Buffer =>
    sealSections("slipway-result-3", { header: Buffer.from(JSON.stringify(header)) });
  const output = { path: "a", kind: "file", digest: "0".repeat(64), sizeBytes: 1, executable: false };
  const fingerprint = "f".repeat(64);
  const good = entry({ fingerprint, outputs: [output], log: [[1, "x"]], durationMs: 1 });
  expect(decodeEntry(fingerprint, good)).not.toBeNull();
  expect(decodeEntry("0".repeat(64), good), "the result of something else").toBeNull();
  for (const header of [
    null,
    [],
    {},
    { fingerprint, outputs: [{}], log: [], durationMs: 1 },
    { fingerprint, outputs: [{ ...output, digest: "../x" }], log: [], durationMs: 1 },
    { fingerprint, outputs: [{ ...output, kind: "link" }], log: [], durationMs: 1 },
    { fingerprint, outputs: [output], log: ["x"], durationMs: 1 },
    { fingerprint, outputs: [output], log: [], durationMs: "1" },
  ]) {
    expect(decodeEntry(fingerprint, entry(header)), JSON.stringify(header)).toBeNull();
  }
});

/** As `sealSections` would have written another table. */
function sealed(table: string, length: string = String(Buffer.byteLength(table))): Buffer {
  const body = Buffer.from(`${length}\n${table}`);
  return Buffer.concat([Buffer.from(`f ${hash("sha256", body, "hex")}\n`), body]);
}
