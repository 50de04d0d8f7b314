import { UserError } from "@slipway/kernel";
import type { PlannedPackage } from "@slipway/plan";
import { lastLook, lookAt, sealedIntegrity, type ReleaseContext } from "./context.ts";
import { makeDeadline } from "./deadline.ts";
import type { Answer, PackageView, StagedVersion, StagingPort, Upload } from "./ports.ts";
import type { Failure } from "./progress.ts";
import { guarded, settle, withoutSeen, type Look, type Settled } from "./settle.ts";
import { lookAtTag } from "./standing.ts";
import { lookForTarball, lookInView, sent } from "./upload.ts";

/** Brings one sealed tarball to where it waits for approval, and compares what waits there with what was sealed. */
export async function stage(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const staging = stagingOf(context, each);
  if (!staging) return { outcome: "permanent", message: `${each.registry} has no staged publishing` };
  const look = () => lookAtStage(context, each, staging);
  const settled = await sent(context, each, {
    send: sender(context, each, staging),
    look: async () => (await orBlind(look)) ?? { seen: "absent" },
  });
  if (settled.outcome !== "done") return settled;
  const found = await compared(context, each, look);
  return found.outcome === "already-ours" ? { outcome: "done" } : found;
}

/**
 * Trusted publishing may stage and not look. Where an answer got lost there, the registry's "staged before" is all that
 * can be known of it; where nothing was sent it is somebody else's, or of a machine that is gone.
 */
function sender(
  context: ReleaseContext,
  each: PlannedPackage,
  staging: StagingPort,
): (request: Upload) => Promise<Answer> {
  let isSent = context.begun.has(each.name);
  return async (request) => {
    const answer = await staging.stage(request);
    if (answer.outcome === "conflict") {
      const isBlind = (await orBlind(() => staging.list(each.name)).catch(() => "unread")) === null;
      if (isBlind) return isSent ? { outcome: "accepted" } : unseen(each);
    }
    isSent ||= answer.outcome === "unknown";
    return answer;
  };
}

function unseen({ name, version }: PlannedPackage): Answer {
  return {
    outcome: "permanent",
    cause: "forbidden",
    message: `${name}@${version} is staged already, and this credential may not look at what is staged`,
    hint: "run the same command with a token in .npmrc that may (`npm stage list`), or reject it there and release again",
  };
}

/** Null: the credential may not look. */
async function orBlind<T>(look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof UserError && error.code === "registry/unauthorized") return null;
    throw error;
  }
}

/** Approves one staged version. */
export async function approve(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const { ports, limits, pacing } = context;
  const staging = stagingOf(context, each);
  if (!staging) return { outcome: "permanent", message: `${each.registry} has no staged publishing` };
  const passed = passedBy(each, lastLook(context, each));
  if (passed) return passed;
  let staged: StagedVersion | null;
  try {
    staged = await stagedVersion(each, staging);
  } catch (error) {
    if (error instanceof UserError) return { outcome: "unknown", message: error.message };
    throw error;
  }
  const waiting = staged;
  if (!waiting) return approvedOrRejected(context, each);
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

/** Whether somebody approved it meanwhile, or rejected it. Null: it waits, as far as the credential may see. */
export async function lookForApproval(
  context: ReleaseContext,
  each: PlannedPackage,
): Promise<{ readonly settled: Settled | null }> {
  const staging = stagingOf(context, each);
  const inView = lookInView(context, each, await lookAt(context, each));
  if (inView.seen === "ours") return { settled: { outcome: "already-ours" } };
  if (inView.seen === "foreign") return { settled: { outcome: "conflict", ...withoutSeen(inView) } };
  const isGone =
    staging && (await orBlind(async () => (await stagedVersion(each, staging)) === null)) === true;
  return { settled: isGone ? notWaiting(each) : null };
}

function notWaiting({ name, version }: PlannedPackage): Failure {
  const message = `${name}@${version} is not staged any more, and the registry does not show it`;
  const hint =
    "if somebody rejected it: `slipway release abort`, then release again; if somebody has just approved it, run this again";
  return { outcome: "unknown", message, hint };
}

/** Approving sets the dist-tag that it was staged with, wherever that points by now. */
function passedBy(each: PlannedPackage, view: PackageView | null): Settled | null {
  const current = view?.distTags[each.tag];
  if (current === undefined || lookAtTag(each, view).seen !== "ours" || current === each.version) return null;
  return {
    outcome: "permanent",
    message: `${each.tag} of ${each.name} is at ${current} by now: approving ${each.version} would move it back`,
    hint: "`slipway release abort` rejects what waits; approve it on the registry's site if it is meant",
  };
}

/** It does not wait any more. Whoever approved it may have done so a moment ago, and registries show that later. */
async function approvedOrRejected(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const { ports, limits, pacing } = context;
  const deadline = makeDeadline(ports.clock, limits.visibilityBudgetMs / 5);
  const waiting = notWaiting(each);
  for (let count = 1; ; count++) {
    await pacing.ready();
    const found = await guarded(async () => lookInView(context, each, await lookAt(context, each)));
    if (found.seen === "ours") return { outcome: "already-ours" };
    if (found.seen === "foreign") return { outcome: "conflict", ...withoutSeen(found) };
    if (deadline.leftMs() <= 0 || ports.stopped()) return waiting;
    const durationMs = limits.pollMs * Math.min(count, 10);
    ports.onEvent({ type: "waiting", because: "not-visible", durationMs, message: waiting.message });
    await ports.clock.sleep(durationMs);
  }
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
    // A credential that may stage and not look: the registry's word is all that there is.
    look: () => guarded(async () => (await orBlind(look)) ?? { seen: "ours" }),
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
  const waiting = await lookAtWaiting(context, each, staging);
  return waiting.seen === "absent" ? lookForTarball(context, each) : waiting;
}

/** What the survey sees of a version that no packument lists: whoever may not look sees nothing. */
export async function lookForStaged(context: ReleaseContext, each: PlannedPackage): Promise<Look> {
  const staging = stagingOf(context, each);
  const seen = staging ? await orBlind(() => lookAtWaiting(context, each, staging)) : null;
  return seen ?? { seen: "absent" };
}

async function lookAtWaiting(
  context: ReleaseContext,
  each: PlannedPackage,
  staging: StagingPort,
): Promise<Look> {
  const staged = await stagedVersion(each, staging);
  if (!staged) return { seen: "absent" };
  const served = await servedOf(context, { each, staged, staging });
  // Decided about since it was listed, or not there yet.
  if (served === null) return { seen: "nothing", message: "it is staged, and cannot be downloaded" };
  if (served === sealedIntegrity(each)) return { seen: "ours" };
  const message =
    `${each.name}@${each.version} is staged with other bytes: sealed ${each.integrity}, staged ${served}; ` +
    "if nobody is to approve those, reject them (`npm stage reject`) and release again";
  return { seen: "foreign", message, served };
}

async function stagedVersion(each: PlannedPackage, staging: StagingPort): Promise<StagedVersion | null> {
  return (await staging.list(each.name)).find(({ version }) => version === each.version) ?? null;
}

const downloadsMax = 3;

/** By its bytes, whatever the registry says of them. A copy may be damaged on its way: it is fetched again. */
async function servedOf(
  { ports }: ReleaseContext,
  of: { readonly each: PlannedPackage; readonly staged: StagedVersion; readonly staging: StagingPort },
): Promise<string | null> {
  let served: string | null = null;
  for (let count = 1; count <= downloadsMax && served !== of.each.integrity; count++) {
    const bytes = await of.staging.download(of.staged);
    if (!bytes) return null;
    served = ports.integrityOf(bytes);
  }
  return served;
}

function stagingOf({ ports }: ReleaseContext, each: PlannedPackage): StagingPort | undefined {
  return ports.registry(each.registry).staging;
}
