import { UserError } from "@slipway/kernel";
import type { PlannedPackage, ReleasePlan } from "@slipway/plan";
import type { ReleaseResult } from "@slipway/release";
import type { ReleaseGround } from "./ground.ts";

/**
 * How far a release is that another machine began, by what the registries show of it: all of it is there, all of the
 * rest waits for approval (then this is how it ends), or there is none.
 *
 * @throws UserError release/unfinished when only a part of it went out
 */
export async function foundElsewhere(
  ground: ReleaseGround,
  plan: ReleasePlan,
): Promise<"nothing" | "uploaded" | ReleaseResult> {
  const missing = plan.packages.filter(({ state }) => state === "missing");
  if (plan.packages.length === 0) return "nothing";
  if (missing.length === 0) return "uploaded";
  const unstaged: PlannedPackage[] = [];
  for (const each of missing) if (!(await isStaged(ground, each))) unstaged.push(each);
  if (unstaged.length === 0) return waiting(missing);
  if (missing.length === plan.packages.length && unstaged.length === missing.length) return "nothing";
  const names = unstaged.map(({ name, version }) => `${name}@${version}`).join(", ");
  throw new UserError("release/unfinished", `release ${plan.id} went out in part; not uploaded: ${names}`, {
    hint: "`slipway release` goes on: it adopts what is there and uploads the rest",
  });
}

async function isStaged(ground: ReleaseGround, each: PlannedPackage): Promise<boolean> {
  try {
    const staged = await ground.credentials.registry(each.registry).staging.list(each.name);
    return staged.some(({ version }) => version === each.version);
  } catch (error) {
    // Whoever may not look sees nothing staged.
    if (error instanceof UserError && error.code === "registry/unauthorized") return false;
    throw error;
  }
}

function waiting(missing: readonly PlannedPackage[]): ReleaseResult {
  const parked = missing.map(({ name, version }) => {
    return { name, version, because: "staged; it waits for somebody's approval", waitsFor: null };
  });
  return { state: "staged", released: [], parked, conflicts: [], failures: [], published: [] };
}
