import { gt, valid } from "semver";
import type { PlannedPackage, ReleasePlan } from "./types.ts";

/** Packages whose dist-tag points at a higher version now: releasing them would take users back. */
export function movesBack(plan: ReleasePlan): readonly PlannedPackage[] {
  return plan.packages.filter(({ from, version }) => {
    return from !== null && valid(from) !== null && valid(version) !== null && gt(from, version);
  });
}
