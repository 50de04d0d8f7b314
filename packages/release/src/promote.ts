import type { PlannedPackage } from "@slipway/plan";
import { compare } from "semver";
import { lookAt, type ReleaseContext } from "./context.ts";
import type { Answer, PackageView } from "./ports.ts";
import { guarded, settle, type Look, type Settled } from "./settle.ts";

/** Moves the dist-tag. The look before it is the one that confirmed the version, or a new one after an interruption. */
export async function promote(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const seen = context.seen.get(each.name);
  const before = seen
    ? lookAtTag(context, each, seen)
    : await guarded(async () => lookAtTag(context, each, await lookAt(context, each)));
  if (before.seen === "ours") return { outcome: "already-ours" };
  return settleTag(context, each, {
    act: () => context.ports.registry(each.registry).setTag(each.name, each.tag, each.version),
    look: async () => lookAtTag(context, each, await lookAt(context, each)),
  });
}

/**
 * Takes the batch tag away, and with the same look makes sure that the dist-tag really is where it was moved to: a
 * registry that answered from an old copy is asked again.
 */
export async function clean(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const registry = context.ports.registry(each.registry);
  const removed = await settleTag(context, each, {
    act: async () => {
      let answer: Answer = { outcome: "accepted" };
      for (const tag of each.batchTags) {
        answer = await registry.removeTag(each.name, tag);
        if (answer.outcome !== "accepted") break;
      }
      return answer;
    },
    look: async () => {
      const view = await lookAt(context, each);
      return each.batchTags.some((tag) => view?.distTags[tag] !== undefined)
        ? { seen: "absent" }
        : { seen: "ours" };
    },
  });
  if (removed.outcome !== "done" && removed.outcome !== "already-ours") return removed;
  return settledFinally(context, each);
}

async function settledFinally(context: ReleaseContext, each: PlannedPackage): Promise<Settled> {
  const { ports, limits } = context;
  const deadlineMs = ports.clock.nowMs() + limits.visibilityBudgetMs;
  for (let count = 1; ; count++) {
    await context.pacing.ready();
    const found = await guarded(async () => lookAtTag(context, each, await lookAt(context, each)));
    if (found.seen === "ours") return { outcome: "done" };
    if (ports.clock.nowMs() >= deadlineMs || ports.stopped()) {
      const message = `the dist-tag ${each.tag} of ${each.name} was moved, and the registry does not show it`;
      return { outcome: "unknown", message };
    }
    // A copy that never saw the move, or somebody's move in between: saying it again changes nothing else.
    if (count % 5 === 0) {
      context.pacing.note(await ports.registry(each.registry).setTag(each.name, each.tag, each.version));
    }
    const durationMs = limits.pollMs * Math.min(count, 10);
    const message = `${each.name}: dist-tag ${each.tag} is not yet visible`;
    ports.onEvent({ type: "waiting", because: "not-visible", durationMs, message });
    await ports.clock.sleep(durationMs);
  }
}

/** A tag that somebody moved to a later version in the meantime is left there: moving it back would be a downgrade. */
function lookAtTag(context: ReleaseContext, each: PlannedPackage, view: PackageView | null): Look {
  const current = view?.distTags[each.tag];
  if (current === each.version) return { seen: "ours" };
  const before = context.snapshot(each.name)[each.tag];
  if (current === undefined || current === before) return { seen: "absent" };
  return isLater(current, each.version) ? { seen: "ours" } : { seen: "absent" };
}

function isLater(current: string, version: string): boolean {
  try {
    return compare(current, version) > 0;
  } catch {
    return false;
  }
}

function settleTag(
  context: ReleaseContext,
  each: PlannedPackage,
  step: { act(): Promise<Answer>; look(): Promise<Look> },
): Promise<Settled> {
  const { ports, limits, pacing } = context;
  return settle({
    act: () => step.act(),
    look: () => guarded(() => step.look()),
    pacing,
    clock: ports.clock,
    attemptsMax: limits.attemptsMax,
    onRetry: (durationMs, message) => {
      ports.onEvent({ type: "waiting", because: "retry", durationMs, message: `${each.name}: ${message}` });
    },
    stopped: () => ports.stopped(),
  });
}
