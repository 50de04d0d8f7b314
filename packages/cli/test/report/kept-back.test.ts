import type { LeftPackage } from "@slipway/plan";
import { expect, test } from "vitest";
import { keptBackText } from "../../src/report/kept-back.ts";

const left = (...becauses: LeftPackage["because"][]): LeftPackage[] =>
  becauses.map((because, at) => ({ name: `p${at}`, version: "1.0.0", because }));

test("where nothing is public, that is why nothing is released", () => {
  expect(keptBackText(left("private", "already-published"))).toBeNull();
  expect(keptBackText([])).toBe("there is no package here");
  expect(keptBackText(left("private", "no-version"))).toBe(
    "no package here is one to publish: p0 (private), p1 (without a version)",
  );
  expect(keptBackText(left(...Array.from({ length: 7 }, () => "private" as const)))).toContain("and 2 more");
});
