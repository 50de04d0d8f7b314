import { openRepository } from "@slipway/host";
import type { Problem } from "@slipway/kernel";
import { globMatcher, preStatePath, whySkipped, type VersionedPackage } from "@slipway/plan";
import type { Base } from "../wire/base.ts";
import { findAffected } from "../wire/find-affected.ts";
import type { LoadedVersioning } from "../wire/load-versioning.ts";
import { anyOtherVersion, withOtherRanges, type Comparison } from "./changed-manifests.ts";

/** The packages that a branch changed itself, and what it is compared with. */
export interface ChangedPackages {
  readonly base: Base;
  /** Null: the history is not on this machine, so nobody knows. */
  readonly packages: readonly VersionedPackage[] | null;
  /** Every changed file, by its path from the root. */
  readonly files: readonly string[];
  /** Changesets that the branch added. */
  readonly changesets: readonly string[];
  /** True: the branch consumed changesets and gave versions, so it is the one that others are waiting for. */
  readonly isVersioning: boolean;
  readonly warnings: readonly Problem[];
}

/**
 * Compares with the base. Changed are packages with own files of `changedFilePatterns`, and those that would publish other
 * dependency ranges, also by an entry of a catalog; what a package's dependencies changed does not make it changed.
 */
export async function changedPackages(
  versioning: LoadedVersioning,
  asked: { readonly env: Readonly<Record<string, string | undefined>>; readonly base: string | null },
): Promise<ChangedPackages> {
  const { root, workspace, input } = versioning;
  const { env } = asked;
  const { base, warnings } = await findAffected({
    root,
    workspace,
    env,
    base: asked.base,
    head: null,
    strict: false,
  });
  if (base.kind === "missing") {
    return { base, packages: null, files: [], changesets: [], isVersioning: false, warnings };
  }
  const git = await openRepository(root, env);
  const files = await git.changedFiles(base.commit, base.head);
  const matches = globMatcher(input.settings.changedFilePatterns);
  const changed = new Set<VersionedPackage>();
  for (const file of files) {
    const owner = ownerOf(file, input.packages);
    if (!owner) continue;
    const inside = owner.dir === "" ? file : file.slice(owner.dir.length + 1);
    if (!file.startsWith(".changeset/") && matches(inside)) changed.add(owner);
  }
  const pending = new Set(input.changesets.map(({ id }) => `.changeset/${id}.md`));
  const comparison: Comparison = {
    git,
    commit: base.commit,
    files: new Set(files),
    catalogs: workspace.catalogs,
  };
  const others = input.packages.filter((each) => !changed.has(each));
  for (const each of await withOtherRanges(others, comparison)) changed.add(each);
  return {
    base,
    packages: input.packages.filter((each) => changed.has(each)),
    files,
    changesets: files.filter((file) => pending.has(file)).map((file) => file.slice(".changeset/".length, -3)),
    isVersioning: consumes(files, pending) && (await anyOtherVersion(input.packages, comparison)),
    warnings,
  };
}

/** A changeset is gone, or, in pre mode of generation 2, taken into its list. */
function consumes(files: readonly string[], pending: ReadonlySet<string>): boolean {
  return files.some((file) => (isChangeset(file) && !pending.has(file)) || file === preStatePath);
}

function isChangeset(file: string): boolean {
  return /^\.changeset\/[^.][^/]*\.md$/.test(file) && !/\/(?:readme|AGENTS|CLAUDE|GEMINI)\.md$/i.test(file);
}

/** Those that a release would publish or version: the ones to write changesets for. */
export function releasable(
  packages: readonly VersionedPackage[],
  versioning: LoadedVersioning,
): readonly VersionedPackage[] {
  return packages.filter((each) => whySkipped(each, versioning.input) === null);
}

/** Changed packages that no changeset of the branch names. An empty changeset says that the branch needs no release at all; so does a branch that consumes changesets. */
export function missingFrom(changed: ChangedPackages, versioning: LoadedVersioning): readonly string[] {
  if (!changed.packages) return [];
  const added = new Set(changed.changesets);
  const own = versioning.input.changesets.filter(({ id }) => added.has(id));
  if (own.some(({ releases }) => releases.length === 0) || changed.isVersioning) return [];
  const named = new Set(own.flatMap(({ releases }) => releases.map(({ name }) => name)));
  return releasable(changed.packages, versioning)
    .map(({ name }) => name)
    .filter((name) => !named.has(name));
}

/** The package in the deepest directory that holds the file. */
function ownerOf(file: string, packages: readonly VersionedPackage[]): VersionedPackage | undefined {
  let owner: VersionedPackage | undefined;
  for (const each of packages) {
    const holds = each.dir === "" || file.startsWith(`${each.dir}/`);
    if (holds && (owner === undefined || each.dir.length > owner.dir.length)) owner = each;
  }
  return owner;
}
