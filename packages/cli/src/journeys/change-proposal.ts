import { commitsSince, type CommitSince } from "@slipway/host";
import { UserError, type PackageName } from "@slipway/kernel";
import {
  bumpOfChange,
  conventionalChanges,
  defaultCommitTypes,
  preselect,
  worded,
  type Bump,
  type Preselected,
} from "@slipway/plan";
import type { Outside } from "../command.ts";
import { warningText } from "../report-error.ts";
import { withManifestsBefore } from "../wire/changed-files.ts";
import type { LoadedVersioning } from "../wire/load-versioning.ts";
import { changedPackages, releasable, type ChangedPackages } from "./changed-packages.ts";

export interface ChangeFlags {
  /** Names, or `NAME:BUMP`. */
  readonly packages: readonly string[];
  readonly bump: Bump | undefined;
  readonly message: string | undefined;
  readonly empty: boolean;
  readonly open: boolean;
  readonly base: string | undefined;
}

export interface Change {
  readonly releases: readonly { readonly name: string; readonly type: Bump }[];
  readonly summary: string;
}

/** What a person is asked about: what the branch changed, and what its commits say. */
export interface Proposal {
  readonly versioning: LoadedVersioning;
  /** Every package that can be named, the proposed and the changed ones first. */
  readonly choices: readonly PackageName[];
  /** The packages that the change is probably about, with the files that say so, and what commits make of them. */
  readonly selected: readonly (Preselected & { readonly bump: Bump })[];
  /** Whose files changed at all. */
  readonly changed: readonly PackageName[];
  /** Proposed otherwise, but named by changesets of the branch already. */
  readonly told: readonly PackageName[];
  /** From the commits of the branch; null: there are none. */
  readonly summary: string | null;
}

/** Compares the work tree with the base. Without a base nothing is proposed, but a changeset can still be written. */
export async function proposeChange(
  flags: ChangeFlags,
  versioning: LoadedVersioning,
  outside: Outside,
): Promise<Proposal> {
  const all = releasable(versioning.input.packages, versioning).map(({ name }) => name);
  const nothing = { versioning, choices: all, selected: [], changed: [], told: [], summary: null };
  try {
    const found = await changedPackages(versioning, { env: outside.env, base: flags.base ?? null });
    for (const warning of found.warnings) outside.say(warningText(warning));
    if (found.base.kind !== "known") return nothing;
    const commits = await commitsSince(versioning.root, found.base.commit, outside.env);
    const selected = await selectedFrom(found, { versioning, commits, env: outside.env });
    const changed = releasable(found.packages ?? [], versioning).map(({ name }) => name);
    const told = namedByBranch(found, versioning);
    const open = selected.filter((each) => !told.has(each.package));
    const first = [...new Set([...open.map((each) => each.package), ...changed])];
    return {
      versioning,
      choices: [...first, ...all.filter((name) => !first.includes(name))],
      selected: open,
      changed,
      told: selected.map((each) => each.package).filter((name) => told.has(name)),
      summary: summaryFrom(commits, versioning),
    };
  } catch (error) {
    if (!(error instanceof UserError) || flags.base !== undefined) throw error;
    outside.say(`nothing is proposed: ${error.message}`);
    return nothing;
  }
}

interface SelectSources {
  readonly versioning: LoadedVersioning;
  readonly commits: readonly CommitSince[];
  readonly env: Outside["env"];
}

async function selectedFrom(
  { base, files }: ChangedPackages,
  { versioning, commits, env }: SelectSources,
): Promise<Proposal["selected"]> {
  if (base.kind !== "known") return [];
  const { input, ownSettings } = versioning;
  const { packages, settings } = input;
  const unreleasedFiles = ownSettings.unreleasedFiles ?? [];
  const changedFiles = await withManifestsBefore(files, base.commit, { versioning, env });
  const touches = commits.map(({ message, files: paths }) => ({
    bump: bumpOf(message, versioning),
    names: preselect({ packages, settings, unreleasedFiles, files: paths.map((path) => ({ path })) }).map(
      (each) => each.package,
    ),
  }));
  return preselect({ packages, settings, unreleasedFiles, files: changedFiles }).map((each) => {
    const bumps = touches.filter(({ names }) => names.includes(each.package)).map(({ bump }) => bump);
    return { ...each, bump: largest(["patch", ...bumps]) };
  });
}

const LEVELS: readonly Bump[] = ["none", "patch", "minor", "major"];

function largest(bumps: readonly Bump[]): Bump {
  return LEVELS[Math.max(...bumps.map((bump) => LEVELS.indexOf(bump)))] ?? "patch";
}

function bumpOf(message: string, { ownSettings }: LoadedVersioning): Bump {
  const types = { ...defaultCommitTypes, ...ownSettings.commitTypes };
  return largest(["none", ...conventionalChanges(message).map((change) => bumpOfChange(change, types))]);
}

function namedByBranch(
  { changesets }: ChangedPackages,
  { input }: LoadedVersioning,
): ReadonlySet<PackageName> {
  const own = input.changesets.filter(({ id }) => changesets.includes(id));
  return new Set(own.flatMap(({ releases }) => releases.map(({ name }) => name)));
}

/** The first commit with the largest bump: it tells what the branch is for, the later ones mend it. */
function summaryFrom(commits: readonly CommitSince[], versioning: LoadedVersioning): string | null {
  const told = commits.filter(({ message, files }) => {
    const aside = files.every((path) => path.startsWith(".changeset/"));
    return !/^(?:fixup|squash|amend)! /.test(message) && !aside;
  });
  const bumps = told.map(({ message }) => LEVELS.indexOf(bumpOf(message, versioning)));
  const best = told[bumps.indexOf(Math.max(...bumps))]?.message;
  if (best === undefined) return null;
  const [change] = conventionalChanges(best);
  return change?.summary ?? worded(best.split("\n")[0] ?? "");
}
