import fc from "fast-check";
import { expect, test } from "vitest";
import { fitsInMemory, smallBytes, type RunningShare } from "../src/memory-fit.ts";

const gib = 1024 ** 3;
const bytes = fc.integer({ min: 0, max: 64 * gib });
const share: fc.Arbitrary<RunningShare> = fc.record({
  nowBytes: bytes,
  peakBytes: bytes,
  expectedBytes: fc.option(bytes),
});
const running = fc.array(share, { maxLength: 8 });

test("a task that nothing runs beside may always start, and so may one of which nothing is known", () => {
  fc.assert(
    fc.property(bytes, running, fc.option(bytes), (expected, shares, available) => {
      expect(fitsInMemory(expected, [], () => available)).toBe(true);
      expect(fitsInMemory(null, shares, () => available)).toBe(true);
    }),
  );
});

test("what starts beside others leaves them what they took last time", () => {
  fc.assert(
    fc.property(
      bytes,
      fc.array(share, { minLength: 1, maxLength: 8 }),
      bytes,
      (expected, shares, available) => {
        if (!fitsInMemory(expected, shares, () => available) || expected < smallBytes) return;
        const grown = shares.reduce(
          (sum, one) => sum + Math.max(0, (one.expectedBytes ?? 0) - one.nowBytes),
          0,
        );
        expect(expected + grown).toBeLessThanOrEqual(available);
      },
    ),
  );
});

test("more memory and fewer neighbours never keep a task from starting", () => {
  fc.assert(
    fc.property(bytes, running, fc.tuple(bytes, bytes), (expected, shares, [available, more]) => {
      if (!fitsInMemory(expected, shares, () => available)) return;
      expect(fitsInMemory(expected, shares, () => available + more)).toBe(true);
      expect(fitsInMemory(expected, shares.slice(1), () => available)).toBe(true);
    }),
  );
});
