import type { PlannedPackage } from "@slipway/plan";
import { lastLook, lookAt, type ReleaseContext } from "./context.ts";
import { makeDeadline } from "./deadline.ts";
import type { Answer, PackageView } from "./ports.ts";
import { guarded, settle, type Look, type Settled } from "./settle.ts";
import { isHeld, lookAtTag } from "./standing.ts";

/**
 * Moves the dist-tag. That of the last package is looked after at once, and so is its batch tag: with those of the others
 * gone, it is the one sign for a machine that knows nothing that something is left to do.
 */
export async function promote(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const moved = await moveTag(context, each);
  const isSign = context.plan.batchTag !== null && isLast(context, each) && !context.survey.isOver;
  if (!isDone(moved) || !isSign) return moved;
  const settled = await settledFinally(context, each, {
    look: (view) => {
      const found = lookAtTag(each, view);
      return found.seen === "ours" && !isHeld(each, view) ? { seen: "absent" } : found;
    },
    again: (view) => {
      const isMovedNow = lookAtTag(each, view).seen === "ours";
      const [tag] = isMovedNow ? each.batchTags : [each.tag];
      return tagAgain(context, each, tag ?? each.tag);
    },
  });
  return isDone(settled) ? moved : settled;
}

/** The look before it is the one that confirmed the version, or a new one after an interruption. */
async function moveTag(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const seen = lastLook(context, each);
  const before = seen
    ? lookAtTag(each, seen)
    : await guarded(async () => lookAtTag(each, await lookAt(context, each)));
  if (before.seen === "ours") return { outcome: "already-ours" };
  const moved = await settleTag(context, each, {
    act: () => context.ports.registry(each.registry).setTag(each.name, each.tag, each.version),
    look: async () => lookAtTag(each, await lookAt(context, each)),
    // A look that failed saw nothing: somebody may have moved the tag on.
    looksFirst: before.seen === "nothing",
  });
  // What was seen before says nothing any more of where it is.
  context.seen.delete(each.name);
  return moved;
}

/**
 * Takes the batch tag away, and makes sure with one look that it is gone and that the dist-tag really is where it was
 * moved to: a registry that answered from an old copy, or forgot, is asked again. The batch tag of the last package
 * stays until all others are settled, so that a machine that is lost meanwhile leaves a sign of what is open.
 */
export async function clean(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const seen = lastLook(context, each);
  if (!seen || isHeld(each, seen)) {
    const removed = await removeBatchTags(context, each);
    if (!isDone(removed)) return removed;
  }
  return settledFinally(context, each, {
    look: (view) => (isHeld(each, view) ? { seen: "absent" } : lookAtTag(each, view)),
    again: async (view) => {
      if (lookAtTag(each, view).seen === "absent") await tagAgain(context, each, each.tag);
      else await removeBatchTags(context, each);
    },
  });
}

/** A look since it was moved shows it where it was before: its batch tag stays until that is mended. */
function isPutBack(context: ReleaseContext, each: PlannedPackage): boolean {
  const seen = lastLook(context, each);
  return seen !== null && lookAtTag(each, seen).seen !== "ours";
}

function isDone({ outcome }: Settled): boolean {
  return outcome === "done" || outcome === "already-ours";
}

function isLast({ plan }: ReleaseContext, { name }: PlannedPackage): boolean {
  return name === plan.packages.at(-1)?.name;
}

function removeBatchTags(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const registry = context.ports.registry(each.registry);
  return settleTag(context, each, {
    // The last sign does not go on the word of an earlier run.
    looksFirst: (isLast(context, each) || context.seen.has(each.name)) && lastLook(context, each) === null,
    act: async () => {
      let answer: Answer = { outcome: "accepted" };
      if (isPutBack(context, each)) {
        answer = await registry.setTag(each.name, each.tag, each.version);
        return answer.outcome === "accepted" ? { outcome: "unknown", message: "it was put back" } : answer;
      }
      for (const tag of each.batchTags) {
        answer = await registry.removeTag(each.name, tag);
        if (answer.outcome !== "accepted") break;
      }
      return answer;
    },
    look: async () => {
      return isHeld(each, await lookAt(context, each)) ? { seen: "absent" } : { seen: "ours" };
    },
  });
}

async function settledFinally(
  context: ReleaseContext,
  each: PlannedPackage,
  watched: { look(view: PackageView | null): Look; again(view: PackageView): Promise<void> },
): Promise<Settled> {
  const { ports, limits, pacing } = context;
  const deadline = makeDeadline(ports.clock, limits.visibilityBudgetMs);
  for (let count = 1; ; count++) {
    await pacing.ready();
    const found = await guarded(async () => watched.look(await lookAt(context, each)));
    if (found.seen === "ours") return { outcome: "done" };
    if (deadline.leftMs() <= 0 || ports.stopped()) {
      const message = `the dist-tag ${each.tag} of ${each.name} was moved, and the registry does not show it`;
      return { outcome: "unknown", message };
    }
    // A copy that never saw the change, or a registry that forgot it: saying it again changes nothing else.
    const view = context.seen.get(each.name)?.view;
    if (count % 5 === 0 && view) await watched.again(view);
    const durationMs = limits.pollMs * Math.min(count, 10);
    const message = `${each.name}: dist-tag ${each.tag} is not yet visible`;
    ports.onEvent({ type: "waiting", because: "not-visible", durationMs, message });
    await ports.clock.sleep(durationMs);
  }
}

async function tagAgain({ ports, pacing }: ReleaseContext, each: PlannedPackage, tag: string): Promise<void> {
  pacing.note(await ports.registry(each.registry).setTag(each.name, tag, each.version));
}

function settleTag(
  context: ReleaseContext,
  each: PlannedPackage,
  step: { act(): Promise<Answer>; look(): Promise<Look>; readonly looksFirst?: boolean },
): Promise<Settled> {
  const { ports, limits, pacing } = context;
  return settle({
    act: () => step.act(),
    looksFirst: step.looksFirst ?? false,
    look: () => guarded(() => step.look()),
    pacing,
    clock: ports.clock,
    attemptsMax: limits.attemptsMax,
    lookAgeMsMax: limits.lookAgeMsMax,
    onRetry: (durationMs, message) => {
      ports.onEvent({ type: "waiting", because: "retry", durationMs, message: `${each.name}: ${message}` });
    },
    stopped: () => ports.stopped(),
  });
}
