import { describe, expect, test } from "vitest";
import { cacheAccess, cacheRulesOf, concurrencyOf } from "../src/journeys/run-settings.ts";

test("concurrency is a count, or a share of the processors and never nothing", () => {
  expect(concurrencyOf(undefined, 8)).toBe(8);
  expect(concurrencyOf("3", 8)).toBe(3);
  expect(concurrencyOf("50%", 8)).toBe(4);
  expect(concurrencyOf("1%", 8)).toBe(1);
  for (const wrong of ["0", "many", "-1", "1.5", ""])
    expect(() => concurrencyOf(wrong, 8)).toThrow("--concurrency");
});

describe("cache rules", () => {
  test("name a place and what may be done there; what is not named is not used", () => {
    expect(cacheRulesOf("local:rw,remote:r")).toEqual({
      local: { read: true, write: true },
      remote: { read: true, write: false },
    });
    expect(cacheRulesOf("local:w").remote).toEqual({ read: false, write: false });
    expect(cacheRulesOf("local:").local).toEqual({ read: false, write: false });
    for (const wrong of ["rw", "locl:r", "local:x", ""]) expect(() => cacheRulesOf(wrong)).toThrow("--cache");
  });

  test("force reads nothing and still writes", () => {
    expect(cacheAccess({ cache: undefined, force: true })).toEqual({ read: false, write: true });
    expect(cacheAccess({ cache: "local:r", force: false })).toEqual({ read: true, write: false });
  });
});
