import type { PlannedPackage } from "@slipway/plan";
import { compare } from "semver";
import type { PackageView } from "./ports.ts";
import type { Look } from "./settle.ts";

/**
 * A tag that somebody moved to a later version since the plan was made is left there: moving it back would be a
 * downgrade that nobody approved of.
 */
export function lookAtTag(each: PlannedPackage, view: PackageView | null): Look {
  const current = view?.distTags[each.tag];
  if (current === each.version) return { seen: "ours" };
  if (current === undefined || current === each.from) return { seen: "absent" };
  return isLater(current, each.version) ? { seen: "ours" } : { seen: "absent" };
}

function isLater(current: string, version: string): boolean {
  try {
    return compare(current, version) > 0;
  } catch {
    return false;
  }
}

/** One of its batch tags is there: a sign for every machine that something is left to do. */
export function isHeld(each: PlannedPackage, view: PackageView | null): boolean {
  return each.batchTags.some((tag) => view?.distTags[tag] !== undefined);
}

/** Nothing of it is left to do: its dist-tag is where it belongs, and no batch tag is there. */
export function isSettled(each: PlannedPackage, view: PackageView | null): boolean {
  return lookAtTag(each, view).seen === "ours" && !isHeld(each, view);
}
