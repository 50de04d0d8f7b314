import type { Integrity, PackageName } from "@slipway/kernel";
import type { PlannedPackage, ReleasePlan } from "@slipway/plan";
import type { Deadline } from "./deadline.ts";
import type { Pacing } from "./pacing.ts";
import type { PackageView, ReleasePorts, SealedTarball } from "./ports.ts";

/** What every performer of a step works with. */
export interface ReleaseContext {
  readonly plan: ReleasePlan;
  /** Of the sealed plan; goes into the mark of every upload. */
  readonly planDigest: string;
  readonly tarballs: ReadonlyMap<PackageName, SealedTarball>;
  readonly ports: ReleasePorts;
  readonly limits: ReleaseLimits;
  readonly pacing: Pacing;
  /** What the registries last said in this run: the look before an act, when nothing came between. */
  readonly seen: Map<PackageName, Seen>;
  /** Packages whose upload an earlier run began without a word of its end: looked for before they are sent again. */
  readonly begun: ReadonlySet<PackageName>;
  /** Set by the first look of a run: all was done before, and no sign of it is needed any more. */
  readonly survey: { isOver: boolean };
  /** Set when the first confirmation begins: one budget for the whole batch. */
  readonly visibility: Visibility;
}

export interface Visibility {
  deadline: Deadline | null;
  /** Packages that are waited for now. */
  readonly waiting: Set<PackageName>;
  /** When that was said last. */
  saidMs: number | null;
}

export interface Seen {
  readonly view: PackageView;
  readonly atMs: number;
}

/** What planning saw of a package, by the same clock as the release's; null: it was not there. */
export interface PlannedLook {
  readonly view: PackageView | null;
  readonly atMs: number;
}

export interface ReleaseLimits {
  readonly attemptsMax: number;
  /** For the whole batch together; real registries lag by minutes. */
  readonly visibilityBudgetMs: number;
  readonly pollMs: number;
  /** A look that is older says nothing about now. */
  readonly lookAgeMsMax: number;
  /** What planning saw serves as the look before the first upload until it is so old. */
  readonly surveyAgeMsMax: number;
}

export const defaultLimits: ReleaseLimits = {
  attemptsMax: 8,
  visibilityBudgetMs: 600_000,
  pollMs: 1_000,
  lookAgeMsMax: 30_000,
  surveyAgeMsMax: 300_000,
};

/** The digest that the plan is locked to. */
export function sealedIntegrity(each: PlannedPackage): Integrity {
  if (!each.integrity?.startsWith("sha512-")) {
    throw new Error(`${each.name}@${each.version} is not sealed: releases are made of sealed plans`);
  }
  return each.integrity as Integrity;
}

export async function lookAt(context: ReleaseContext, each: PlannedPackage): Promise<PackageView | null> {
  const view = await context.ports.registry(each.registry).view(each.name);
  if (view) context.seen.set(each.name, { view, atMs: context.ports.clock.nowMs() });
  else context.seen.delete(each.name);
  return view;
}

/** What the registry said a moment ago; null when that is too long ago to act on. */
export function lastLook(context: ReleaseContext, each: PlannedPackage): PackageView | null {
  const seen = context.seen.get(each.name);
  if (!seen) return null;
  const ageMs = context.ports.clock.nowMs() - seen.atMs;
  return ageMs >= 0 && ageMs <= context.limits.lookAgeMsMax ? seen.view : null;
}
