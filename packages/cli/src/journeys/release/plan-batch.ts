import type { PackageName } from "@slipway/kernel";
import { planRelease, type ReleaseCandidate, type ReleasePlan, type ReleaseSettings } from "@slipway/plan";
import type { PackageView, RegistryPort } from "@slipway/release";
import { gateNames } from "../../wire/gate-names.ts";
import type { LoadedVersioning } from "../../wire/load-versioning.ts";
import { releaseCandidates } from "../../wire/release-candidates.ts";

export interface BatchSources {
  readonly versioning: LoadedVersioning;
  readonly commit: string;
  /** Where a package is published, by its name and publishConfig. */
  readonly registryOf: (name: PackageName, publishConfig: Readonly<Record<string, unknown>>) => string;
  readonly registry: (url: string) => RegistryPort;
  /** Existing release tags with their commits; null: tags are no concern. */
  readonly gitTags: Readonly<Record<string, string>> | null;
  readonly channel: string | null;
  /** How git tags are made. */
  readonly settings?: ReleaseSettings;
}

const viewsAtOnce = 16;

/** What a release of this checkout has to do: all that the registries do not have yet. */
export async function planBatch(sources: BatchSources): Promise<ReleasePlan> {
  const { versioning, registryOf, gitTags } = sources;
  const candidates = releaseCandidates(versioning, registryOf);
  const published = await viewsOf(candidates, sources);
  const { preState } = versioning.input;
  return planRelease({
    commit: sources.commit,
    mode: "tag",
    channel: sources.channel,
    preTag: preState?.mode === "pre" ? preState.tag : null,
    candidates,
    published,
    gitTags,
    ...(sources.settings ? { gitPush: sources.settings.tags, gitBatchTag: sources.settings.batchTag } : {}),
    singlePackage: versioning.workspace.packages.length === 1,
    gates: gateNames,
  });
}

async function viewsOf(
  candidates: readonly ReleaseCandidate[],
  { registry }: BatchSources,
): Promise<Record<PackageName, PackageView | null>> {
  const views: Record<PackageName, PackageView | null> = {};
  const queue = candidates.filter((each) => !each.private && !each.ignored && each.version !== null);
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      views[next.name] = await registry(next.registry).view(next.name);
    }
  };
  await Promise.all(Array.from({ length: viewsAtOnce }, worker));
  return views;
}
