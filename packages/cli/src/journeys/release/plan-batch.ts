import { steadyNowMs } from "@slipway/host";
import { eachAtOnce, type PackageName } from "@slipway/kernel";
import {
  chooseMode,
  planRelease,
  type ChosenMode,
  type ProvenancePolicy,
  type ReleaseCandidate,
  type ReleasePlan,
  type ReleaseSettings,
  type StagedPackages,
} from "@slipway/plan";
import type { PackageView, PlannedLook, RegistryPort } from "@slipway/release";
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
  readonly gitTags: Promise<Readonly<Record<string, string>>> | null;
  readonly channel: string | null;
  /** How git tags are made. */
  readonly settings?: ReleaseSettings;
  /** Chosen once it is known which registries the batch goes to. */
  readonly modeFor?: (registries: readonly string[]) => ChosenMode;
  /** What npm's settings say of provenance, for packages that say nothing themselves. */
  readonly provenanceSetting?: boolean | null;
  readonly provenance?: ProvenancePolicy;
  /** In mode `stage`: what waits for approval and is ours. */
  readonly staged?: (missing: readonly StagingQuestion[]) => Promise<StagedPackages>;
  /** Keeps what each registry said, and when it was asked. */
  readonly looks?: Map<PackageName, PlannedLook>;
}

const viewsAtOnce = 16;

/** What a release of this checkout has to do: all that the registries do not have yet. */
export async function planBatch(sources: BatchSources): Promise<ReleasePlan> {
  const { versioning, registryOf } = sources;
  const setting = sources.provenanceSetting ?? null;
  const candidates = releaseCandidates(versioning, registryOf).map((each) => {
    return { ...each, provenance: each.provenance ?? setting };
  });
  const asked = candidates.filter((each) => !each.private && !each.ignored && each.version !== null);
  const [published, gitTags] = await Promise.all([viewsOf(asked, sources), sources.gitTags]);
  const missing = missingOf(candidates, published);
  const registries = [...new Set(missing.map(({ registry }) => registry))];
  const { mode, because } = sources.modeFor?.(registries) ?? chooseMode("tag", []);
  const staged = mode === "stage" ? await sources.staged?.(missing) : undefined;
  const { preState } = versioning.input;
  return planRelease({
    commit: sources.commit,
    mode,
    modeBecause: because,
    channel: sources.channel,
    preTag: preState?.mode === "pre" ? preState.tag : null,
    candidates,
    published,
    ...(staged ? { staged } : {}),
    gitTags,
    ...(sources.settings ? { gitPush: sources.settings.tags, gitBatchTag: sources.settings.batchTag } : {}),
    ...(sources.provenance ? { provenance: sources.provenance } : {}),
    singlePackage: isSinglePackage(versioning),
    gates: gateNames.filter((name) => !sources.settings?.warnOnly.includes(name)),
  });
}

/** Also where all others are private: the examples of a package that is published from the root. */
export function isSinglePackage({ workspace, input }: LoadedVersioning): boolean {
  const [first, ...others] = input.packages;
  if (first?.dir !== "") return workspace.packages.length === 1;
  return others.every(({ manifest }) => Boolean(manifest["private"]));
}

interface StagingQuestion {
  readonly name: PackageName;
  readonly version: string;
  readonly registry: string;
}

function missingOf(
  candidates: readonly ReleaseCandidate[],
  published: Readonly<Record<PackageName, PackageView | null>>,
): readonly StagingQuestion[] {
  return candidates.flatMap(({ name, version, registry, private: isPrivate, ignored }) => {
    if (isPrivate || ignored || version === null || published[name]?.versions[version]) return [];
    return [{ name, version, registry }];
  });
}

/** What the registries say of packages now. */
export async function viewsOf(
  packages: readonly { readonly name: PackageName; readonly registry: string }[],
  { registry, looks }: Pick<BatchSources, "registry" | "looks">,
): Promise<Record<PackageName, PackageView | null>> {
  const views: Record<PackageName, PackageView | null> = {};
  await eachAtOnce(packages, viewsAtOnce, async ({ name, registry: url }) => {
    const atMs = steadyNowMs();
    const view = await registry(url).view(name);
    views[name] = view;
    looks?.set(name, { view, atMs });
  });
  return views;
}
