import { expect, test } from "vitest";
import { isSettled, settlingMs } from "../src/tree/stamps.ts";

const fine = { mtimeMs: 1_700_000_000_123.456, ctimeMs: 1_700_000_000_124.9 };
const coarse = { mtimeMs: 1_700_000_000_000, ctimeMs: 1_700_000_001_000 };

test("a file that was read soon after it was written may have changed since, as the stamps of its file system can tell", () => {
  expect([isSettled(fine, fine.ctimeMs + 12), isSettled(fine, fine.ctimeMs + 13)]).toEqual([false, true]);
  expect([isSettled(coarse, coarse.ctimeMs + 2000), isSettled(coarse, coarse.ctimeMs + 2013)]).toEqual([
    false,
    true,
  ]);
});

test("a time that somebody has set is no sign of a coarse file system", () => {
  const set = { mtimeMs: 1_600_000_000_000, ctimeMs: fine.ctimeMs };
  expect(isSettled(set, fine.ctimeMs + 13)).toBe(true);
});

test("what is written now has an older stamp than what is written after the wait", () => {
  expect(settlingMs(fine, 1_700_000_000_500)).toBe(12);
  expect(settlingMs(coarse, 1_700_000_001_500)).toBe(512);
});
