import { describe, expect, test } from "vitest";
import {
  cacheAccess,
  cacheRulesOf,
  concurrencyOf,
  sharedCacheMissing,
} from "../src/journeys/run-settings.ts";

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
    const rules = (cache: string) => cacheRulesOf({ cache, force: false });
    expect(rules("local:rw,remote:r")).toEqual({
      local: { read: true, write: true },
      remote: { read: true, write: false },
    });
    expect(rules("local:w").remote).toEqual({ read: false, write: false });
    expect(rules("local:").local).toEqual({ read: false, write: false });
    for (const wrong of ["rw", "locl:r", "local:x", ""]) expect(() => rules(wrong)).toThrow("--cache");
  });

  test("force reads nothing and still writes", () => {
    const forced = cacheRulesOf({ cache: undefined, force: true });
    expect(forced).toEqual({ local: { read: false, write: true }, remote: { read: false, write: true } });
    expect(cacheAccess(forced, true)).toEqual({ read: false, write: true });
  });

  test("a shared cache alone can be read; where there is none that is said, and nothing is looked up", () => {
    const flags = { cache: "remote:r", force: false };
    expect(cacheAccess(cacheRulesOf(flags), true)).toEqual({ read: true, write: false });
    expect(cacheAccess(cacheRulesOf(flags), false)).toEqual({ read: false, write: false });
    expect(sharedCacheMissing(flags, true)).toBeNull();
    expect(sharedCacheMissing(flags, false)).toContain("SLIPWAY_REMOTE_CACHE");
    expect(sharedCacheMissing({ cache: "local:rw", force: false }, false)).toBeNull();
  });
});
