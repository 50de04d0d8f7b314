import { UserError } from "@slipway/kernel";
import type { PlannedPackage } from "@slipway/plan";
import { lookAt, sealedIntegrity, type ReleaseContext } from "./context.ts";
import { makeDeadline } from "./deadline.ts";
import { withoutSeen, type Settled } from "./settle.ts";
import { isHeld, lookAtTag } from "./standing.ts";
import { lookInView } from "./upload.ts";

/**
 * Waits until users can see the version and get the sealed bytes: the packument (installers read it, not the version's
 * own document) and a fresh download.
 */
export async function confirm(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const { waiting } = context.visibility;
  try {
    return await confirmInTime(context, each);
  } finally {
    waiting.delete(each.name);
  }
}

async function confirmInTime(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const { ports, limits, pacing, visibility } = context;
  const deadline = (visibility.deadline ??= makeDeadline(ports.clock, limits.visibilityBudgetMs));
  const wrong = { downloads: 0 };
  for (let count = 1; ; count++) {
    await pacing.ready();
    const seen = await confirmOnce(context, each, wrong);
    if (seen.outcome !== "unknown") return seen;
    const leftMs = deadline.leftMs();
    if (leftMs <= 0 || ports.stopped()) return seen;
    const waitMs = Math.min(leftMs, limits.pollMs * Math.min(count, 10));
    visibility.waiting.add(each.name);
    sayProgress(context, { message: `${each.name}@${each.version}: ${seen.message}`, waitMs, leftMs });
    await ports.clock.sleep(waitMs);
  }
}

const saidEveryMs = 5_000;

/** For the whole batch at once: a registry that lags by minutes would have a line for every package and look. */
function sayProgress(
  { ports, visibility }: ReleaseContext,
  { message, waitMs, leftMs }: { readonly message: string; readonly waitMs: number; readonly leftMs: number },
): void {
  const nowMs = ports.clock.nowMs();
  const agoMs = visibility.saidMs === null ? saidEveryMs : nowMs - visibility.saidMs;
  if (agoMs >= 0 && agoMs < saidEveryMs) return;
  visibility.saidMs = nowMs;
  const packages = visibility.waiting.size;
  const more = packages > 1 ? `, and ${packages - 1} more` : "";
  ports.onEvent({
    type: "waiting",
    because: "not-visible",
    durationMs: waitMs,
    message: `${message}${more}`,
    packages,
    leftMs,
  });
}

const wrongDownloadsMax = 3;

/**
 * The batch tag is the sign for other machines that something is left to do. A registry that lost it is told again, and
 * the package is not confirmed before a look shows it: only then may the signs of the others go.
 */
async function isMarked(context: ReleaseContext, each: PlannedPackage): Promise<boolean> {
  const { batchTag } = context.plan;
  const view = context.seen.get(each.name)?.view ?? null;
  if (batchTag === null || context.survey.isOver || isHeld(each, view)) return true;
  if (lookAtTag(each, view).seen === "ours" && !each.first) return true;
  context.pacing.note(await context.ports.registry(each.registry).setTag(each.name, batchTag, each.version));
  return false;
}

async function confirmOnce(
  context: ReleaseContext,
  each: PlannedPackage,
  wrong: { downloads: number },
): Promise<Settled> {
  const { ports } = context;
  try {
    const inView = lookInView(context, each, await lookAt(context, each));
    if (inView.seen === "foreign") return { outcome: "conflict", ...withoutSeen(inView) };
    if (inView.seen !== "ours") return { outcome: "unknown", message: "not yet visible" };
    if (!(await isMarked(context, each))) return { outcome: "unknown", message: "its batch tag got lost" };
    const bytes = await ports.registry(each.registry).download(each.name, each.version);
    if (!bytes) return { outcome: "unknown", message: "its tarball cannot be downloaded yet" };
    const served = ports.integrityOf(bytes);
    if (served === sealedIntegrity(each)) return { outcome: "done" };
    const message = `${each.name}@${each.version} is served with other bytes than it says: sealed ${each.integrity}, downloaded ${served}`;
    // A copy on the way may be damaged; the same again and again is what is stored.
    return ++wrong.downloads < wrongDownloadsMax
      ? { outcome: "unknown", message }
      : { outcome: "conflict", message, served };
  } catch (error) {
    if (error instanceof UserError) return { outcome: "unknown", message: error.message };
    throw error;
  }
}
