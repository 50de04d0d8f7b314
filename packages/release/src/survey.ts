import { eachAtOnce, type PackageName } from "@slipway/kernel";
import type { PlannedPackage } from "@slipway/plan";
import { lookAt, type PlannedLook, type ReleaseContext } from "./context.ts";
import type { PackageView } from "./ports.ts";
import { withoutSeen, type Settled } from "./settle.ts";
import { lookForStaged } from "./stage.ts";
import { isSettled } from "./standing.ts";
import { lookInView } from "./upload.ts";

/** What the registries say of the whole batch before anything is changed. */
export interface Survey {
  /** The dist-tags of each package. */
  readonly snapshot: Readonly<Record<PackageName, Readonly<Record<string, string>>>>;
  /** What is there already, ours or not. */
  readonly found: readonly { readonly each: PlannedPackage; readonly settled: Settled }[];
  /** Nothing is left to do. */
  readonly isOver: boolean;
}

export type PlannedLooks = ReadonlyMap<PackageName, PlannedLook>;

/** @param looked what planning saw; taken for a look of now where it is young enough */
export async function survey(context: ReleaseContext, looked: PlannedLooks): Promise<Survey> {
  const { packages } = context.plan;
  const snapshot: Record<PackageName, Readonly<Record<string, string>>> = {};
  const found: { each: PlannedPackage; settled: Settled }[] = [];
  let settledCount = 0;
  await eachAtOnce(packages, context.pacing.concurrency(), async (each) => {
    const view = await viewOf(context, each, looked);
    snapshot[each.name] = view?.distTags ?? {};
    const inView = lookInView(context, each, view);
    const isStaged = context.plan.mode === "stage" && inView.seen === "absent";
    const look = isStaged ? await lookForStaged(context, each) : inView;
    if (look.seen === "ours") {
      found.push({ each, settled: { outcome: "already-ours" } });
      if (isSettled(each, view)) settledCount++;
    }
    if (look.seen === "foreign") {
      found.push({ each, settled: { outcome: "conflict", ...withoutSeen(look) } });
    }
  });
  return { snapshot, found, isOver: settledCount === packages.length };
}

async function viewOf(
  context: ReleaseContext,
  each: PlannedPackage,
  looked: PlannedLooks,
): Promise<PackageView | null> {
  const planned = looked.get(each.name);
  const ageMs = planned ? context.ports.clock.nowMs() - planned.atMs : -1;
  const isYoung = ageMs >= 0 && ageMs <= context.limits.surveyAgeMsMax;
  return planned && isYoung ? planned.view : lookAt(context, each);
}
