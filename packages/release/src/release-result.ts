import type { PackageName } from "@slipway/kernel";
import type { PlannedPackage, ReleasePlan } from "@slipway/plan";
import { sealedIntegrity } from "./context.ts";
import { waitsFor } from "./next-steps.ts";
import type { ReleaseEnd, ReleaseResult } from "./ports.ts";
import type { Progress } from "./progress.ts";

/** What a run leaves behind, for people and for `--json`. */
export function resultOf(plan: ReleasePlan, progress: Progress): ReleaseResult {
  const failures = [...progress.failed].map(([name, failure]) => ({ name, ...failure }));
  const byName = new Map(plan.packages.map((each) => [each.name, each]));
  const conflicts = failures.filter(({ outcome }) => outcome === "conflict");
  return {
    state: stateOf(progress),
    released: progress.finished
      ? plan.packages.map((each) => {
          return { name: each.name, version: each.version, integrity: sealedIntegrity(each) };
        })
      : [],
    parked: progress.finished ? [] : plan.packages.flatMap((each) => parked(byName, progress, each)),
    conflicts: conflicts.map(({ name, message, served, twin = false }) => {
      const each = byName.get(name);
      return {
        name,
        version: each?.version ?? "",
        sealed: each?.integrity ?? null,
        served: served ?? null,
        message,
        twin,
      };
    }),
    failures: failures.filter(({ outcome }) => outcome !== "conflict"),
    published: plan.packages.filter(({ name }) => progress.uploaded.has(name)).map(({ name }) => name),
  };
}

function stateOf(progress: Progress): ReleaseEnd {
  if (progress.finished) return "finished";
  const failures = [...progress.failed.values()];
  if (failures.some(({ outcome }) => outcome === "conflict")) return "conflict";
  return failures.length === 0 && (progress.awaiting?.size ?? 0) > 0 ? "staged" : "unfinished";
}

function parked(
  byName: ReadonlyMap<PackageName, PlannedPackage>,
  progress: Progress,
  each: PlannedPackage,
): ReleaseResult["parked"] {
  const { name, version } = each;
  if (progress.awaiting?.has(name)) {
    return [{ name, version, because: "staged; it waits for somebody's approval", waitsFor: null }];
  }
  if (progress.uploaded.has(name) && !progress.failed.has(name)) {
    const because = progress.promoted.has(name)
      ? `published, and ${each.tag} points at it; what is left is above`
      : "uploaded; it becomes visible with the whole batch";
    return [{ name, version, because, waitsFor: null }];
  }
  const failure = progress.failed.get(name);
  if (failure) return [{ name, version, because: failure.message, waitsFor: null }];
  const culprit = waitsFor(byName, progress, name);
  const because = culprit ? `it needs ${culprit}, which failed` : "the release stopped before it";
  return [{ name, version, because, waitsFor: culprit }];
}
