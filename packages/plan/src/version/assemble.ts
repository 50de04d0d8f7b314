import { UserError, type PackageName } from "@slipway/kernel";
import { valid } from "semver";
import { edgesOf, type Edge } from "./edges.ts";
import { dependencyFields } from "./new-range.ts";
import { preStateFor } from "./pre-state.ts";
import { satisfies } from "./ranges.ts";
import { snapshotSuffix } from "./snapshot-suffix.ts";
import type { Bump, Changeset, DecidedRelease, PreState, VersionInput, VersionedPackage } from "./types.ts";

export interface AssembledPlan {
  readonly releases: readonly DecidedRelease[];
  /** Packages without a version of their own whose ranges follow all the same. */
  readonly followers: readonly PackageName[];
  readonly preState: PreState | null;
  /** The changesets that count now, in their order: in pre mode those that earlier prereleases did not have. */
  readonly changesets: readonly string[];
}

/** What both majors of @changesets/assemble-release-plan take and give. */
interface PlannedByChangesets {
  readonly changesets: readonly { readonly id: string }[];
  readonly releases: readonly {
    readonly name: string;
    readonly type: Bump;
    readonly oldVersion: string | undefined;
    readonly newVersion: string | null | undefined;
    readonly changesets: readonly string[];
  }[];
  readonly preState: PreState | undefined;
}

type Planner = (
  ...given: [
    changesets: readonly Changeset[],
    packages: unknown,
    config: unknown,
    preState: PreState | undefined,
    snapshot: { readonly tag: undefined } | undefined,
  ]
) => PlannedByChangesets;

/** Dependencies that the planner is not to see: other rules than its own hold for them. */
export type EdgeFilter = (edge: Edge) => boolean;

const ROOT = "/workspace";

/**
 * Asks Changesets' own planner of the generation. It gets copies without what it would print about or stumble over: a
 * dependency that it takes for no edge, a version that is none.
 */
export async function assemble(input: VersionInput, hides: EdgeFilter = () => false): Promise<AssembledPlan> {
  const planner = await plannerOf(input);
  const suffix = input.snapshot
    ? snapshotSuffix(input.settings.snapshot.prereleaseTemplate, input.snapshot)
    : null;
  let planned: PlannedByChangesets;
  try {
    planned = planner(
      changesetsForPlanner(input),
      packagesForPlanner(input, hides),
      configForPlanner(input, suffix),
      input.preState ? preStateFor(input.preState, input.generation) : undefined,
      suffix === null ? undefined : { tag: undefined },
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError("changeset/refused", `the planner of Changesets refuses: ${reason}`, {
      cause: error,
    });
  }
  const releases = planned.releases.flatMap((release) => {
    const { oldVersion, newVersion } = release;
    const changesets = release.changesets.map((id) => fileIdOf(id, input));
    return oldVersion && newVersion ? [{ ...release, oldVersion, newVersion, changesets }] : [];
  });
  const released = new Set(releases.map((release) => release.name));
  const followers = planned.releases.map((release) => release.name).filter((name) => !released.has(name));
  const changesets = planned.changesets.map(({ id }) => fileIdOf(id, input));
  return { releases, followers, changesets, preState: planned.preState ?? null };
}

async function plannerOf(input: VersionInput): Promise<Planner> {
  if (input.generation === 3) {
    const { assembleReleasePlan } = await import("@changesets/assemble-release-plan");
    return assembleReleasePlan as unknown as Planner;
  }
  const { default: loaded } = await import("assemble-release-plan-2");
  // The package is CommonJS: Node gives its namespace, a bundler its default.
  return ("default" in loaded ? loaded.default : loaded) as Planner;
}

/** Generation 3 knows by their folder which changesets earlier prereleases took; generation 2 had listed them. */
function changesetsForPlanner(input: VersionInput): readonly Changeset[] {
  const listed = new Set(input.generation === 3 ? input.preState?.changesets : []);
  if (listed.size === 0) return input.changesets;
  const taken = input.changesets.filter(({ id }) => listed.has(id));
  const others = input.changesets.filter(({ id }) => !listed.has(id));
  return [...others, ...taken.map((changeset) => ({ ...changeset, id: `pre/${changeset.id}` }))];
}

function fileIdOf(id: string, input: VersionInput): string {
  const listed = input.generation === 3 ? (input.preState?.changesets ?? []) : [];
  return id.startsWith("pre/") && listed.includes(id.slice(4)) ? id.slice(4) : id;
}

function configForPlanner(input: VersionInput, suffix: string | null) {
  const { settings } = input;
  return {
    ...settings,
    snapshot: { ...settings.snapshot, prereleaseTemplate: suffix },
    ___experimentalUnsafeOptions_WILL_CHANGE_IN_PATCH: {
      onlyUpdatePeerDependentsWhenOutOfRange: settings.onlyUpdatePeerDependentsWhenOutOfRange,
      updateInternalDependents: settings.updateInternalDependents,
    },
  };
}

function packagesForPlanner(input: VersionInput, hides: EdgeFilter) {
  const byName = new Map(input.packages.map((each) => [each.name, each]));
  const packages = input.packages.map((each) => packageForPlanner(each, byName, { input, hides }));
  const root = packages.find((each) => each.dir === ROOT) ?? {
    dir: ROOT,
    packageJson: { name: input.root?.name ?? "//", version: "0.0.0" },
  };
  return { rootDir: ROOT, root, rootPackage: root, packages, tool: { type: "pnpm" } };
}

function packageForPlanner(
  each: VersionedPackage,
  byName: ReadonlyMap<PackageName, VersionedPackage>,
  { input, hides }: { readonly input: VersionInput; readonly hides: EdgeFilter },
) {
  const { manifest, name, dir } = each;
  const edges = edgesOf(each, input).filter((edge) => !hides(edge));
  const followed = new Set<PackageName>();
  // The planner judges a dependency that is declared twice by its last declaration.
  for (const { to, field, range } of edges) {
    const target = byName.get(to);
    if (!target) continue;
    if (field === "devDependencies" && /^(?:link|file):/.test(range)) continue;
    if (isEdge(range, target, input)) followed.add(to);
    else followed.delete(to);
  }
  const fields = dependencyFields.map((field) => {
    const own = edges.filter((edge) => edge.field === field && followed.has(edge.to));
    return [field, Object.fromEntries(own.map(({ to, range }) => [to, range]))] as const;
  });
  const version = versionOf(each);
  return {
    dir: dir === "" ? ROOT : `${ROOT}/${dir}`,
    packageJson: {
      name,
      ...(version === null ? {} : { version }),
      ...(manifest["private"] ? { private: true } : {}),
      ...Object.fromEntries(fields),
    },
  };
}

/** Source: getDependencyGraph in @changesets/get-dependents-graph, which prints where this says no. */
function isEdge(range: string, target: VersionedPackage, input: VersionInput): boolean {
  let bare = range;
  if (range.startsWith("workspace:")) {
    bare = range.slice("workspace:".length);
    if (bare === "*" || bare === "^" || bare === "~") return true;
    if (bare.replace(/^\.\/|\/$/g, "") === target.dir) return true;
  } else if (input.settings.bumpVersionsWithWorkspaceProtocolOnly) return false;
  const version = versionOf(target);
  if (bare.includes(":") || version === null) return false;
  return satisfies(version, bare);
}

/** The package's version; null where it has none, or one that is not semver and so can't be counted up. */
export function versionOf(each: VersionedPackage): string | null {
  const { version } = each.manifest;
  if (typeof version !== "string") return null;
  const known = validVersions.get(version) ?? valid(version) !== null;
  if (validVersions.size > VERSIONS_MAX) validVersions.clear();
  validVersions.set(version, known);
  return known ? version : null;
}

const validVersions = new Map<string, boolean>();
const VERSIONS_MAX = 20_000;
