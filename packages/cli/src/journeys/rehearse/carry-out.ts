import type { RunPlan } from "@slipway/plan";
import { executeRun, type RunEvent, type RunFinished } from "@slipway/run";
import { availableParallelism } from "node:os";
import { loadWorkspace } from "../../wire/load-workspace.ts";
import { openRunPorts } from "../../wire/run-ports.ts";
import { scriptHabits } from "../../wire/script-habits.ts";
import { trustDomainOf } from "../../wire/trust-domain.ts";
import type { InstalledCheckout } from "./checkout.ts";
import type { RehearsalRequest } from "./request.ts";

/** Runs tasks in a rehearsal's checkout (or a copy of it), from the user's store and into it. */
export function carryOutIn(
  checkout: InstalledCheckout,
  request: RehearsalRequest,
  report: (event: RunEvent) => void,
): (plan: RunPlan, copy?: string) => Promise<RunFinished> {
  const { env } = checkout;
  return async (plan, root = checkout.root) => {
    const { manager } = loadWorkspace(root).workspace;
    const setting = {
      root,
      cwd: root,
      env,
      manager,
      plan,
      cacheDir: request.cacheDir,
      signal: request.signal,
      report,
    };
    return executeRun(plan, await openRunPorts(setting), {
      concurrency: request.concurrency ?? availableParallelism(),
      cache: { read: !request.force, write: true },
      continue: "dependencies-successful",
      trustDomain: trustDomainOf(env),
      habits: scriptHabits(setting),
    });
  };
}
