import { commitAll, refreshLockfile } from "@slipway/host";
import type { VersionPlan } from "@slipway/plan";
import { plural } from "../../report/text.ts";
import { bumpReasonText } from "../../report/versions.ts";
import { loadVersioning, type LoadedVersioning } from "../../wire/load-versioning.ts";
import { applyVersions, planWorkTree } from "../version.ts";
import type { InstalledCheckout } from "./checkout.ts";
import type { Phases } from "./phases.ts";
import type { RehearsedBump } from "./report.ts";
import type { RehearsalRequest } from "./request.ts";

/** The checkout with its new versions written, its lockfile refreshed, and both committed. */
export interface VersionedCheckout {
  readonly source: "changesets" | "snapshot";
  readonly plan: VersionPlan;
  /** As it is after the plan was applied. */
  readonly versioning: LoadedVersioning;
}

/** The word that snapshot versions carry, and the dist-tag that they are published under. */
export const snapshotTag = "snapshot";

export async function versionedCheckout(
  checkout: InstalledCheckout,
  request: RehearsalRequest,
  phases: Phases,
): Promise<VersionedCheckout> {
  const { source, plan } = await phases.run("version", async () => {
    const value = await applyPlannedVersions(checkout);
    const summary =
      value.plan.bumps.length === 0 ? "nothing to version" : plural(value.plan.bumps.length, "new version");
    return { value, summary };
  });
  if (source === "snapshot")
    phases.note("no changeset is pending: what changed since the last release is rehearsed as a snapshot");
  // The plan edits the lockfile itself; what it can't edit, the package manager resolves.
  const isStale = plan.left.some(({ code }) => code === "version/stale-lockfile");
  for (const left of plan.left) if (left.code !== "version/stale-lockfile") phases.note(left.message);
  if (isStale) await refreshed(checkout, request, phases);
  await commitAll(checkout.gitRoot, "Version packages, in rehearsal");
  return { source, plan, versioning: await loadVersioning(checkout.root) };
}

export function rehearsedBumps(plan: VersionPlan): RehearsedBump[] {
  return plan.bumps.map((bump) => ({ ...bump, because: bump.because.map(bumpReasonText) }));
}

async function applyPlannedVersions(
  checkout: InstalledCheckout,
): Promise<Pick<VersionedCheckout, "source" | "plan">> {
  const { root, env } = checkout;
  const options = {
    env,
    nowMs: Date.now(),
    whenNonePending: "changed-packages",
    // A generator may ask a forge, with a token that a rehearsal has no need of.
    whenChangelogFails: "built-in",
  } as const;
  const pending = await planWorkTree(root, options);
  if (pending.pending === "changesets") {
    await applyVersions(pending.plan, root);
    return { source: "changesets", plan: pending.plan };
  }
  const snapshot = await planWorkTree(root, { ...options, snapshot: { tag: snapshotTag } });
  await applyVersions(snapshot.plan, root);
  return { source: "snapshot", plan: snapshot.plan };
}

async function refreshed(
  checkout: InstalledCheckout,
  request: RehearsalRequest,
  phases: Phases,
): Promise<void> {
  await phases.run("lockfile", async () => {
    const { root, manager, env } = checkout;
    const onLine = phases.progressOf("lockfile");
    const { refreshed: done, because } = await refreshLockfile(root, manager, {
      env,
      signal: request.signal,
      onLine,
    });
    if (!done) phases.note(`the lockfile was not brought up to date: ${because}`);
    return { value: undefined, summary: done ? because : "left as it is" };
  });
}
