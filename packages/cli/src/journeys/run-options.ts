import type { RunPlan } from "@slipway/plan";
import type { RunOptions, ScriptHabits } from "@slipway/run";
import type { PackageManager } from "@slipway/workspace";
import { availableParallelism } from "node:os";
import { sharedCacheOf } from "../wire/open-store.ts";
import { scriptHabits } from "../wire/script-habits.ts";
import { trustDomainOf } from "../wire/trust-domain.ts";
import type { Flags, RunContext } from "./run-context.ts";
import { cacheAccess, cacheRulesOf, concurrencyOf } from "./run-settings.ts";

/** How a run is carried out, by its flags and by where it is. */
export function runOptions(
  flags: Flags,
  around: Pick<RunContext, "cwd" | "env"> & {
    readonly root: string;
    readonly manager: PackageManager;
    readonly plan: Pick<RunPlan, "concurrency">;
    /** Where they are known already. */
    readonly habits?: ScriptHabits | undefined;
  },
): RunOptions {
  return {
    concurrency: concurrencyOf(flags.concurrency ?? around.plan.concurrency, availableParallelism()),
    cache: cacheAccess(cacheRulesOf(flags), sharedCacheOf(around.env) !== null),
    // The parser let only the choices of this flag through.
    continue: flags.continue as RunOptions["continue"],
    trustDomain: trustDomainOf(around.env),
    habits: around.habits ?? scriptHabits(around),
  };
}
