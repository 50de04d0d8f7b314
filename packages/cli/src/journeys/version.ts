import { commitsThatAdd, inGit, openRepository, textFiles } from "@slipway/host";
import { UserError, type Problem } from "@slipway/kernel";
import {
  emptyDecision,
  guardBranch,
  pendingChangesets,
  planVersions,
  type ChangelogDate,
  type Snapshot,
  type VersionInput,
  type VersionPlan,
} from "@slipway/plan";
import {
  applyPlan,
  builtInChangelog,
  completePlan,
  renderPlan,
  type CommittedChangeset,
  type KeptPlan,
  type NotesSources,
} from "@slipway/release";
import { changesSinceRelease } from "../wire/changes-since-release.ts";
import { firstReleasesIn } from "../wire/first-releases.ts";
import { loadChangelog } from "../wire/load-changelog.ts";
import { loadVersioning, type LoadedVersioning, type VersioningChoices } from "../wire/load-versioning.ts";
import { maintenanceBranchOf } from "../wire/maintenance-branch.ts";
import { frozenPlan } from "../wire/frozen-plan.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface VersionOptions extends VersioningChoices {
  readonly env: Environment;
  /** Milliseconds since 1970: dates of snapshots count from it. */
  readonly nowMs: number;
  /** `tag` null: `--snapshot` without a word. */
  readonly snapshot?: { readonly tag: string | null };
  /**
   * When no changeset is pending: `nothing` plans nothing; `changed-packages` plans a patch (as a snapshot, if `snapshot`
   * is set) of every publishable package that changed since its last release.
   */
  readonly whenNonePending?: "nothing" | "changed-packages";
  /** `built-in`: a changelog generator that can't be loaded or fails is replaced by the built-in one, with a warning. */
  readonly whenChangelogFails?: "throw" | "built-in";
  /** False: the lockfile stays as it is. */
  readonly lockfile?: boolean;
  /** Changesets refuses what it can only plan in part; so do we then. */
  readonly strict?: boolean;
}

/** The plan, and whether it came from changesets. */
export interface PlannedVersions {
  readonly plan: VersionPlan;
  readonly pending: "changesets" | "changed-packages" | "nothing";
  readonly versioning: LoadedVersioning;
  /** What notes and commit messages are worded from. */
  readonly told: NotesSources;
}

/**
 * Plans the versions of the work tree that `dir` is in and writes them: manifests, changelogs, consumed changesets and
 * the state of pre mode. Commits nothing. A run that was cut off is completed first.
 */
export async function planAndApplyVersions(dir: string, options: VersionOptions): Promise<VersionPlan> {
  const { plan, versioning } = await planWorkTree(dir, options);
  await applyVersions(plan, versioning.root);
  return plan;
}

/** Reads, decides and renders; writes nothing. */
export async function planWorkTree(dir: string, options: VersionOptions): Promise<PlannedVersions> {
  const versioning = await loadVersioning(dir, options);
  const { input, pending } = await inputFor(await withFirstReleases(versioning, options.env), options);
  const nothing = input.changesets.length === 0 && input.preState?.mode !== "exit";
  const decision = nothing ? emptyDecision(input) : await planVersions(input);
  if (!input.snapshot) guardBranch(decision.bumps, await maintenanceBranchOf(versioning, options.env));
  if (options.strict && decision.left.length > 0) throw UserError.of(decision.left);
  const changesets = await committed(input, versioning.root, options.env);
  const warnings: Problem[] = [];
  const { whenChangelogFails = "throw" } = options;
  const loaded = await loadChangelog(versioning, {
    env: options.env,
    whenChangelogFails,
    warn: (problem) => warnings.push(problem),
  });
  const changelog = loaded && { ...loaded, date: dateOf(versioning, options.nowMs) };
  const plan = await renderPlan({
    decision,
    changesets,
    generationBecause: versioning.generationBecause,
    snapshot: input.snapshot !== null,
    changelog,
    dirs: options.lockfile === false ? null : new Map(input.packages.map((each) => [each.name, each.dir])),
    files: textFiles(versioning.root),
  });
  const generator = changelog?.generator ?? builtInChangelog;
  return {
    plan: { ...plan, left: [...plan.left, ...warnings] },
    pending,
    versioning,
    told: { decision, changesets, generator },
  };
}

function dateOf({ ownSettings }: LoadedVersioning, nowMs: number): ChangelogDate | null {
  const where = ownSettings.changelogDates;
  return where ? { day: new Date(nowMs).toISOString().slice(0, 10), where } : null;
}

async function withFirstReleases(versioning: LoadedVersioning, env: Environment): Promise<LoadedVersioning> {
  if (versioning.ownSettings.firstRelease !== "as-is") return versioning;
  const { input, root } = versioning;
  const firstReleases = await firstReleasesIn(root, input, env);
  return { ...versioning, input: { ...input, rules: { ...input.rules, firstReleases } } };
}

type WhenWritten = (plan: KeptPlan) => Promise<void>;

/** `whenWritten` is part of it: a run that is cut off before its end is completed from there, too. */
export async function applyVersions(plan: KeptPlan, root: string, whenWritten?: WhenWritten): Promise<void> {
  await applyPlan(plan, textFiles(root), { ...frozenPlan(root), ...(whenWritten && { whenWritten }) });
}

/** Forgets the plan of a run that was cut off; what it had written stays. */
export async function discardVersions(root: string): Promise<void> {
  await frozenPlan(root).discard();
}

/** Completes what an earlier run was cut off from; null when there is nothing to complete. */
export async function completeVersions(root: string, whenWritten: WhenWritten): Promise<KeptPlan | null> {
  return completePlan(textFiles(root), { ...frozenPlan(root), whenWritten });
}

interface ChosenInput {
  readonly input: VersionInput;
  readonly pending: PlannedVersions["pending"];
}

async function inputFor(versioning: LoadedVersioning, options: VersionOptions): Promise<ChosenInput> {
  const { input } = versioning;
  const instead = options.whenNonePending === "changed-packages";
  const pending = input.preState?.mode === "exit" || pendingChangesets(input).length > 0;
  const inPre = input.preState?.mode === "pre";
  if (options.snapshot && inPre && !instead) {
    const hint = "run `slipway pre exit` first";
    throw new UserError("version/pre-mode", "a snapshot can't be made in pre mode", { hint });
  }
  // A prerelease is for trying out already.
  const snapshot = inPre ? null : await snapshotOf(versioning, options);
  if (pending) return { input: { ...input, snapshot }, pending: "changesets" };
  if (!instead) return { input: { ...input, snapshot }, pending: "nothing" };
  const stand = await changesSinceRelease(versioning, options.env);
  const changesets = [...input.changesets, ...stand];
  return {
    input: { ...input, changesets, snapshot },
    pending: stand.length > 0 ? "changed-packages" : "nothing",
  };
}

async function snapshotOf(versioning: LoadedVersioning, options: VersionOptions): Promise<Snapshot | null> {
  if (!options.snapshot) return null;
  const template = versioning.input.settings.snapshot.prereleaseTemplate ?? "";
  const wantsCommit = template.includes("{commit}") || template.includes("{commit-short}");
  const commit = wantsCommit ? await headCommit(versioning.root, options.env) : null;
  return { tag: options.snapshot.tag, nowMs: options.nowMs, commit };
}

async function headCommit(root: string, env: Environment): Promise<string | null> {
  const repository = await openRepository(root, env);
  return repository.commitOf("HEAD");
}

/** The changesets with the commits that added their files: changelogs name them. */
async function committed(
  input: VersionInput,
  root: string,
  env: Environment,
): Promise<readonly CommittedChangeset[]> {
  if (input.settings.changelog === false || !inGit(root)) return input.changesets;
  const { changesets } = input;
  const paths = changesets.flatMap(({ id }) => pathsOf(id));
  const commits = await commitsThatAdd(root, { folder: ".changeset", paths }, env);
  return changesets.map((changeset) => {
    const commit = pathsOf(changeset.id).flatMap((path) => commits.get(path) ?? [])[0];
    return commit === undefined ? changeset : { ...changeset, commit };
  });
}

/** Where the changeset's file was first: pre mode moves it, which is no new changeset. */
function pathsOf(id: string): readonly string[] {
  const path = `.changeset/${id}.md`;
  return id.startsWith("pre/") ? [`.changeset/${id.slice("pre/".length)}.md`, path] : [path];
}
