import type { PackageName } from "@slipway/kernel";
import type { PlannedPackage, ReleasePlan } from "@slipway/plan";
import type { Progress, StepKind } from "./progress.ts";

export type Step =
  /** Looks at every package of the batch before anything is changed. */
  | { readonly kind: "survey" }
  | { readonly kind: StepKind; readonly package: PlannedPackage }
  /** In mode `stage`: looks which of the staged versions still wait. */
  | { readonly kind: "look-for-approval" }
  | { readonly kind: "git-tags" }
  | { readonly kind: "finish" };

/**
 * What can be done now. Pure: the same plan and progress give the same steps, so resuming is asking again.
 *
 * Uploads go by dependencies, without barriers between them. Nothing is confirmed before all is uploaded, and no
 * dist-tag moves before all is confirmed: a batch that cannot become whole stays invisible. What is staged is approved
 * once all of it is staged. The batch tag on the registries goes last of all: while it is there, any machine sees that something is left to do.
 */
export function nextSteps(plan: ReleasePlan, progress: Progress): readonly Step[] {
  if (progress.finished || hasConflict(progress)) return [];
  if (!progress.surveyed) return [{ kind: "survey" }];
  for (const [kind, done, ordered] of phases(plan, progress)) {
    if (kind === "clean" && !progress.gitTagged)
      return progress.failed.size > 0 ? [] : [{ kind: "git-tags" }];
    if (done.size === plan.packages.length) continue;
    const open = plan.packages.filter(({ name }) => !done.has(name));
    if (kind === "approve" && open.length > 0) {
      if (progress.awaiting === null) return [{ kind: "look-for-approval" }];
      if (progress.awaiting.size > 0) return [];
    }
    // The last batch tag is the sign that something is left to do, so it goes when nothing else is.
    const now = kind === "clean" && open.length > 1 ? open.slice(0, -1) : open;
    if (now.length > 0) return readySteps(kind, now, { done: ordered ? done : null, progress });
  }
  return progress.failed.size > 0 ? [] : [{ kind: "finish" }];
}

/** Why a package that has not failed itself is not tried: the failed one that it needs, near or far. */
export function waitsFor(
  byName: ReadonlyMap<PackageName, PlannedPackage>,
  progress: Progress,
  name: PackageName,
): PackageName | null {
  const seen = new Set([name]);
  for (const each of seen) {
    for (const need of byName.get(each)?.needs ?? []) {
      if (progress.failed.has(need)) return need;
      seen.add(need);
    }
  }
  return null;
}

type Phase = readonly [StepKind, ReadonlySet<PackageName>, boolean];

/** With what is done in each, and whether dependencies go first. */
function phases({ mode }: ReleasePlan, progress: Progress): readonly Phase[] {
  const isStaged = mode === "stage";
  const approval: readonly Phase[] = isStaged ? [["approve", progress.approved, true]] : [];
  return [
    ["upload", progress.uploaded, !isStaged],
    ...approval,
    ["confirm", progress.confirmed, false],
    ["promote", progress.promoted, true],
    ["clean", progress.cleaned, false],
  ];
}

function readySteps(
  kind: StepKind,
  open: readonly PlannedPackage[],
  state: { readonly done: ReadonlySet<PackageName> | null; readonly progress: Progress },
): Step[] {
  const { done, progress } = state;
  return open
    .filter(({ name, needs }) => {
      return !progress.failed.has(name) && (!done || needs.every((need) => done.has(need)));
    })
    .map((each) => ({ kind, package: each }));
}

/** Foreign bytes stand in the way of the batch: nothing further is sent. */
export function hasConflict(progress: Progress): boolean {
  return [...progress.failed.values()].some(({ outcome }) => outcome === "conflict");
}
