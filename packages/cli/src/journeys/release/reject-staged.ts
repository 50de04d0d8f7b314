import type { ReleasePlan } from "@slipway/plan";
import type { Progress } from "@slipway/release";
import type { ReleaseGround } from "./ground.ts";
import { stagedBytes } from "./staged-here.ts";

export interface Rejection {
  /** `NAME@VERSION`, no longer waiting. */
  readonly rejected: readonly string[];
  /** Sentences about those that still wait. */
  readonly failures: readonly string[];
}

/** Takes back what a release put up for approval: only what has its very bytes. */
export async function rejectStaged(
  ground: ReleaseGround,
  { plan, progress }: { readonly plan: ReleasePlan; readonly progress: Progress },
): Promise<Rejection> {
  const rejected: string[] = [];
  const failures: string[] = [];
  for (const { name, version, registry, integrity } of plan.packages) {
    if (!progress.uploaded.has(name)) continue;
    const { staging } = ground.credentials.registry(registry);
    const staged = (await staging.list(name)).find((each) => each.version === version);
    if (!staged) continue;
    const own = await stagedBytes({ name, version }, ground.registry(registry), [integrity ?? ""]);
    if (!own) continue;
    const answer = await staging.reject(staged);
    if (answer.outcome === "accepted") rejected.push(`${name}@${version}`);
    else failures.push(`${name}@${version} still waits for approval: ${answer.message}`);
  }
  return { rejected, failures };
}
