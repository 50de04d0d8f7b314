import type { PackageName } from "@slipway/kernel";
import { planRelease, sealPlan, type PublishedPackages, type ReleasePlan } from "@slipway/plan";
import type { PackageView, RegistryPort, SealedTarball } from "@slipway/release";
import { gateNames } from "../../wire/gate-names.ts";
import type { LoadedVersioning } from "../../wire/load-versioning.ts";
import { releaseCandidates } from "../../wire/release-candidates.ts";

const VIEWS_AT_ONCE = 16;

export interface BatchInput {
  readonly versioning: LoadedVersioning;
  readonly commit: string;
  /** Stands for production: reads through to the real registries, so what is missing here is missing there. */
  readonly production: RegistryPort;
  /** Replaces every package's own dist-tag; null leaves them. */
  readonly channel: string | null;
}

/** What a release from this checkout would publish: all that production does not have yet. */
export async function plannedBatch({
  versioning,
  commit,
  production,
  channel,
}: BatchInput): Promise<ReleasePlan> {
  const candidates = releaseCandidates(versioning, () => production.url);
  const asked = candidates.filter((each) => !each.private && !each.ignored && each.version !== null);
  const { preState } = versioning.input;
  return planRelease({
    commit,
    mode: "tag",
    channel,
    preTag: preState?.mode === "pre" ? preState.tag : null,
    candidates,
    published: await viewsOf(
      asked.map(({ name }) => name),
      production,
    ),
    gitTags: null,
    singlePackage: versioning.workspace.packages.length === 1,
    gates: gateNames,
  });
}

export function sealedBatch(plan: ReleasePlan, tarballs: readonly SealedTarball[]): ReleasePlan {
  return sealPlan(plan, Object.fromEntries(tarballs.map(({ name, integrity }) => [name, integrity])));
}

async function viewsOf(names: readonly PackageName[], registry: RegistryPort): Promise<PublishedPackages> {
  const views: Record<PackageName, PackageView | null> = {};
  const queue = [...names];
  const worker = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift())
      views[name] = await registry.view(name);
  };
  await Promise.all(Array.from({ length: VIEWS_AT_ONCE }, worker));
  return views;
}
