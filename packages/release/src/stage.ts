import { UserError } from "@slipway/kernel";
import type { PlannedPackage } from "@slipway/plan";
import { lookAt, sealedIntegrity, type ReleaseContext } from "./context.ts";
import type { Answer, StagedVersion, StagingPort } from "./ports.ts";
import { guarded, settle, type Look, type Settled } from "./settle.ts";
import { lookInView, sent } from "./upload.ts";

/** Brings one sealed tarball to where it waits for approval, and compares what waits there with what was sealed. */
export async function stage(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const staging = stagingOf(context, each);
  if (!staging) return { outcome: "permanent", message: `${each.registry} has no staged publishing` };
  const look = () => lookAtStage(context, each, staging);
  const settled = await sent(context, each, { send: (request) => staging.stage(request), look });
  if (settled.outcome !== "done") return settled;
  const found = await compared(context, each, look);
  return found.outcome === "already-ours" ? { outcome: "done" } : found;
}

/** Approves one staged version. */
export async function approve(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const { ports, limits, pacing } = context;
  const staging = stagingOf(context, each);
  let staged: StagedVersion | null = null;
  try {
    staged = staging ? await stagedVersion(each, staging) : null;
  } catch (error) {
    if (error instanceof UserError) return { outcome: "unknown", message: error.message };
    throw error;
  }
  if (!staging || !staged) {
    const message = `${each.name}@${each.version} is not staged any more: somebody rejected it`;
    return { outcome: "permanent", message, hint: "`slipway release abort`, then release again" };
  }
  const waiting = staged;
  return settle({
    act: () => staging.approve(waiting),
    look: () => guarded(async () => lookInView(context, each, await lookAt(context, each))),
    pacing,
    clock: ports.clock,
    attemptsMax: limits.attemptsMax,
    onRetry: (durationMs, message) => {
      ports.onEvent({ type: "waiting", because: "retry", durationMs, message: `${each.name}: ${message}` });
    },
    stopped: () => ports.stopped(),
  });
}

/** Whether somebody approved it meanwhile. A version that cannot be seen yet still waits. */
export async function isApproved(context: ReleaseContext, each: PlannedPackage): Promise<boolean> {
  return lookInView(context, each, await lookAt(context, each)).seen === "ours";
}

/** Its registry's answer to the upload is not believed: what waits must be what was sealed. */
async function compared(
  context: ReleaseContext,
  each: PlannedPackage,
  look: () => Promise<Look>,
): Promise<Settled> {
  const { ports, limits, pacing } = context;
  const answer: Answer = {
    outcome: "unknown",
    message: "it was taken, and the list of what is staged does not show it",
  };
  return settle({
    act: () => Promise.resolve(answer),
    looksFirst: true,
    look: async () => {
      try {
        return await look();
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        // A credential that may stage and not look: the registry's word is all that there is.
        if (error.code === "registry/unauthorized") return { seen: "ours" };
        return { seen: "nothing", message: error.message };
      }
    },
    pacing,
    clock: ports.clock,
    attemptsMax: limits.attemptsMax,
    onRetry: (durationMs, message) => {
      ports.onEvent({
        type: "waiting",
        because: "not-visible",
        durationMs,
        message: `${each.name}: ${message}`,
      });
    },
    stopped: () => ports.stopped(),
  });
}

async function lookAtStage(
  context: ReleaseContext,
  each: PlannedPackage,
  staging: StagingPort,
): Promise<Look> {
  const inView = lookInView(context, each, await lookAt(context, each));
  if (inView.seen !== "absent") return inView;
  const staged = await stagedVersion(each, staging);
  if (!staged) return { seen: "absent" };
  const served = staged.integrity ?? (await downloaded(context, staged, staging));
  if (served === sealedIntegrity(each)) return { seen: "ours" };
  const message =
    `${each.name}@${each.version} is staged with other bytes: sealed ${each.integrity}, staged ${served}; ` +
    "if nobody is to approve those, reject them (`npm stage reject`) and release again";
  return { seen: "foreign", message, served };
}

async function stagedVersion(each: PlannedPackage, staging: StagingPort): Promise<StagedVersion | null> {
  return (await staging.list(each.name)).find(({ version }) => version === each.version) ?? null;
}

async function downloaded(
  { ports }: ReleaseContext,
  staged: StagedVersion,
  staging: StagingPort,
): Promise<string> {
  const bytes = await staging.download(staged);
  return bytes ? ports.integrityOf(bytes) : "nothing that can be downloaded";
}

function stagingOf({ ports }: ReleaseContext, each: PlannedPackage): StagingPort | undefined {
  return ports.registry(each.registry).staging;
}
