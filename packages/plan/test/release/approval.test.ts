import { approvalBecause, type ReleasePlan } from "@slipway/plan";
import { expect, test } from "vitest";

function planOf(...moves: readonly (readonly [from: string | null, version: string])[]): ReleasePlan {
  const packages = moves.map(([from, version], at) => ({ name: `p${at}`, from, version }));
  return { packages } as unknown as ReleasePlan;
}

test("a policy says which plans wait for an approval, and why", () => {
  const minor = planOf(["1.0.0", "1.1.0"], ["2.0.0", "2.0.1"]);
  const major = planOf(["1.0.0", "1.1.0"], ["2.0.0", "3.0.0"], [null, "0.1.0"]);
  expect([minor, major].map((plan) => approvalBecause(plan, "never"))).toEqual([null, null]);
  expect([minor, major].map((plan) => approvalBecause(plan, "major"))).toEqual([
    null,
    "new major versions and first ones need it: p1@3.0.0, p2@0.1.0",
  ]);
  expect(approvalBecause(minor, "always")).toBe("every release of this repository needs it");
});
