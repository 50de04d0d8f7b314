import { eachAtOnce, UserError, type PackageName } from "@slipway/kernel";
import { markOf, type PublishedPackages, type ReleasedPackage, type ReleasePlan } from "@slipway/plan";
import type { PackageView, Progress } from "@slipway/release";
import { join } from "node:path";
import { loadVersioning } from "../../wire/load-versioning.ts";
import { releaseCandidates } from "../../wire/release-candidates.ts";
import type { ReleaseGround } from "./ground.ts";
import { progressIn, textOf } from "./journal-progress.ts";

/** A release of the past or present, as this machine or the registries remember it. */
export interface FoundRelease {
  readonly id: string;
  readonly packages: readonly ReleasedPackage[];
  /** Null: it was not made on this machine, and the registries' marks are all there is. */
  readonly here: { readonly plan: ReleasePlan; readonly progress: Progress } | null;
}

/**
 * Finds a release by its id; the last one when none is named. Without its journal it is put together from what its
 * uploads say of themselves.
 *
 * @throws UserError `release/unknown`
 */
export async function findRelease(ground: ReleaseGround, id: string | null): Promise<FoundRelease> {
  const found = id === null ? await lastRelease(ground) : await releaseOf(ground, id);
  if (found) return found;
  if (id === null)
    throw new UserError("release/unknown", "no release was made from here", {
      hint: "no version of this workspace that is on its registry was uploaded by `slipway release`",
    });
  throw new UserError("release/unknown", `there is no release ${id}`, {
    hint: "`slipway release status` shows the last one; the id stands in the first line of a plan",
  });
}

/** Null: none was made, neither here nor by what the registries have of this workspace. */
export async function lastRelease(ground: ReleaseGround): Promise<FoundRelease | null> {
  const last = await ground.home.last();
  return last === null ? releaseOnRegistries(ground, null) : releaseOf(ground, last);
}

async function releaseOf(ground: ReleaseGround, id: string): Promise<FoundRelease | null> {
  const here = await releaseHere(ground, id);
  if (here) return { id, here, packages: packagesOf(here.plan, here.progress) };
  return releaseOnRegistries(ground, id);
}

/** What the registries say now of the packages of a release. */
export async function viewsOfRelease(
  ground: ReleaseGround,
  packages: readonly ReleasedPackage[],
): Promise<PublishedPackages> {
  const views: Record<PackageName, PackageView | null> = {};
  await eachAtOnce(packages, 16, async ({ name, registry }) => {
    views[name] = await ground.registry(registry).view(name);
  });
  return views;
}

async function releaseHere({ home }: ReleaseGround, id: string): Promise<FoundRelease["here"]> {
  const plan = await textOf(join(home.folderOf(id), "sealed.json"));
  if (plan === null) return null;
  const progress = await progressIn(home.journalOf(id));
  return { plan: (JSON.parse(plan) as { plan: ReleasePlan }).plan, progress };
}

/** The snapshot in the journal is what stood there; the plan only knows what was planned from. */
function packagesOf(plan: ReleasePlan, progress: Progress): ReleasedPackage[] {
  return plan.packages.map(({ name, version, registry, tag, from, first }) => {
    const recorded = progress.snapshot?.[name];
    const before = recorded && !first ? (recorded[tag] ?? null) : from;
    return { name, version, registry, tag, before: before === version ? from : before };
  });
}

async function releaseOnRegistries(ground: ReleaseGround, id: string | null): Promise<FoundRelease | null> {
  const versioning = await loadVersioning(ground.root);
  const candidates = releaseCandidates(
    versioning,
    (name, config) => ground.npmrc.publishTarget(name, config).url,
  );
  const publishable = candidates.filter((each) => !each.private && each.version !== null);
  const asked = publishable.map(({ name, registry }) => ({
    name,
    registry,
    version: "",
    tag: "",
    before: null,
  }));
  const views = await viewsOfRelease(ground, asked);
  const wanted = id ?? lastMarked(publishable, views);
  if (wanted === null) return null;
  const packages = publishable.flatMap(({ name, registry }) => {
    return Object.entries(views[name]?.versions ?? {}).flatMap(
      ([version, { manifest }]): ReleasedPackage[] => {
        const mark = markOf(manifest);
        if (mark?.release !== wanted) return [];
        return [{ name, version, registry, tag: mark.tag, before: mark.from || null }];
      },
    );
  });
  return packages.length === 0 ? null : { id: wanted, packages, here: null };
}

function lastMarked(
  candidates: readonly { readonly name: PackageName; readonly version: string | null }[],
  views: PublishedPackages,
): string | null {
  for (const { name, version } of candidates) {
    const manifest = views[name]?.versions[version ?? ""]?.manifest;
    const mark = manifest && markOf(manifest);
    if (mark) return mark.release;
  }
  return null;
}
