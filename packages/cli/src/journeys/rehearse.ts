import { makeScratchFolder } from "@slipway/host";
import type { TaskEnded } from "@slipway/run";
import { carryOutIn } from "./rehearse/carry-out.ts";
import { rehearseBatch } from "./rehearse/batch-rehearsal.ts";
import { installedCheckout } from "./rehearse/checkout.ts";
import { Phases, type RehearsalEvent } from "./rehearse/phases.ts";
import { hideWhatIsReleased, startRegistries, type RehearsalRegistries } from "./rehearse/registries.ts";
import type { RehearsalReport, RehearsedTask } from "./rehearse/report.ts";
import type { RehearsalRequest } from "./rehearse/request.ts";
import { rehearsedBumps, versionedCheckout } from "./rehearse/versions.ts";

/**
 * Carries out a whole release without touching anything real: in a scratch checkout, against two registries of its own
 * that live as long as it does. Repository, git, HOME and every real registry are afterwards as they were.
 *
 * @throws UserError when a phase cannot be carried out; what a gate finds is part of the report
 */
export async function rehearse(
  request: RehearsalRequest,
  tell: (event: RehearsalEvent) => void,
): Promise<RehearsalReport> {
  const phases = new Phases(tell, () => performance.now());
  const scratch = makeScratchFolder("rehearsal");
  const closers: (() => Promise<void>)[] = [];
  // Started first, since they come up while git and the package manager work.
  const starting = startRegistries(request, scratch.path, closers);
  try {
    return await rehearsed({ request, folder: scratch.path, starting }, phases);
  } finally {
    await starting.catch(() => {});
    await phases.run("cleanup", async () => {
      await Promise.all(closers.map((close) => close()));
      if (!request.keep) scratch.remove();
      return { value: undefined, summary: request.keep ? `kept ${scratch.path}` : "nothing is left" };
    });
  }
}

interface Stage {
  readonly request: RehearsalRequest;
  readonly folder: string;
  readonly starting: Promise<RehearsalRegistries>;
}

async function rehearsed({ request, folder, starting }: Stage, phases: Phases): Promise<RehearsalReport> {
  const tasks: RehearsedTask[] = [];
  const checkout = await installedCheckout(request, folder, phases);
  const versioned = await versionedCheckout(checkout, request, phases);
  const registries = await starting;
  await hideWhatIsReleased(versioned.plan, registries, phases);
  const carryOut = carryOutIn(checkout, request, (event) => {
    phases.tell({ type: "build", event });
    if (event.type === "task" && event.task !== "") tasks.push(pick(event));
  });
  const batch = await rehearseBatch(
    { request, checkout, versioned, folder, carryOut, ...registries },
    phases,
  );
  const { manager } = checkout;
  return {
    schema: 1,
    commit: checkout.commit,
    uncommitted: checkout.uncommitted,
    source: versioned.source,
    bumps: rehearsedBumps(versioned.plan),
    manager: { name: manager.name, version: manager.version, from: manager.from },
    tasks,
    ...batch,
    phases: phases.durations,
    notes: phases.notes,
  };
}

function pick({ id, status, cache, durationMs }: TaskEnded): RehearsedTask {
  return { id, status, cache, durationMs };
}
