import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readChecked, shortName, writeChecked } from "../../src/hot.ts";

const dir = mkdtempSync(join(tmpdir(), "slipway-checked-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const path = join(dir, "a/file");

test.each([
  { text: "", numbers: [] },
  { text: "ä\0{}", numbers: [1, 2.5, Number.NaN] },
  { text: "x".repeat(70_001), numbers: Array.from({ length: 5000 }, (_, at) => at / 3) },
])("what was written is read: $numbers.length numbers", ({ text, numbers }) => {
  writeChecked(path, { text, numbers: Float64Array.from(numbers) });
  const read = readChecked(path);
  expect(read?.text).toBe(text);
  expect([...(read?.numbers ?? [])]).toEqual(numbers);
});

test("a file with one bit or its end missing is none, wherever that is", () => {
  writeChecked(path, { text: "some text", numbers: Float64Array.from([1, 2, 3]) });
  const good = readFileSync(path);
  for (let at = 0; at < good.length; at++) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 1;
    writeFileSync(path, bad);
    expect(readChecked(path), `byte ${at}`).toBeNull();
    writeFileSync(path, good.subarray(0, at));
    expect(readChecked(path), `${at} bytes`).toBeNull();
  }
  expect(readChecked(join(dir, "none"))).toBeNull();
});

test("names are short and differ", () => {
  const names = Array.from({ length: 2000 }, (_, at) => shortName(`/somewhere/${at}`));
  expect(new Set(names).size).toBe(2000);
  expect(names.every((name) => /^[0-9a-f]{16}$/.test(name))).toBe(true);
});
