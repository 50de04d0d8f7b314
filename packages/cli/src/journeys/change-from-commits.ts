import { commitsSince, openRepository, releasePoints, replaceText, type CommitSince } from "@slipway/host";
import type { ExitStatus, PackageName } from "@slipway/kernel";
import { changesetsFromCommits, defaultCommitTypes, type Bump, type Changeset } from "@slipway/plan";
import { changesetText } from "@slipway/release";
import { join } from "node:path";
import type { Outside } from "../command.ts";
import { plural } from "../report/text.ts";
import { warningText } from "../report-error.ts";
import { openInEditor } from "../wire/open-in-editor.ts";
import { loadVersioning, type LoadedVersioning } from "../wire/load-versioning.ts";
import { changedPackages, releasable } from "./changed-packages.ts";

export interface FromCommitsFlags {
  readonly open: boolean;
  readonly base: string | undefined;
}

interface CommitsToTell {
  readonly commits: readonly (CommitSince & { readonly packages?: readonly PackageName[] })[];
  /** In words. */
  readonly since: string;
  /** Bumps that the branch's changesets, written by hand, give already. */
  readonly told: ReadonlyMap<PackageName, Bump>;
}

/** `slipway change --from-commits`: a changeset for each change that a conventional commit tells, to be read and edited. */
export async function addFromCommits(flags: FromCommitsFlags, outside: Outside): Promise<ExitStatus> {
  const versioning = await loadVersioning(outside.cwd);
  const { input, ownSettings, root } = versioning;
  const { commits, since, told } = await commitsToTell(flags, versioning, outside);
  const changesets = changesetsFromCommits({
    packages: input.packages,
    settings: input.settings,
    unreleasedFiles: ownSettings.unreleasedFiles ?? [],
    commits: commits.map((commit) => ({ ...commit, files: commit.files.map((path) => ({ path })) })),
    types: { ...defaultCommitTypes, ...ownSettings.commitTypes },
    changesets: input.changesets,
    told,
  });
  if (changesets.length === 0) {
    outside.say(
      `none of ${plural(commits.length, "commit")} since ${since} asks for a release that is not told already`,
    );
    return 0;
  }
  for (const changeset of changesets) {
    const path = `.changeset/${changeset.id}.md`;
    await replaceText(join(root, path), changesetText(changeset));
    outside.answer(path);
    outside.say(`  ${describe(changeset)}`);
  }
  outside.say(
    `from ${plural(commits.length, "commit")} since ${since}; read them, and edit them as you like`,
  );
  if (flags.open)
    await openInEditor(
      changesets.map(({ id }) => join(root, ".changeset", `${id}.md`)),
      outside,
    );
  return 0;
}

function describe({ releases, summary }: Changeset): string {
  const [line = ""] = summary.split("\n");
  return `${releases.map(({ name, type }) => `${name} ${type}`).join(", ")}: ${line}`;
}

/** On a branch its own commits; on the base branch those since each package's last release. */
async function commitsToTell(
  flags: FromCommitsFlags,
  versioning: LoadedVersioning,
  outside: Outside,
): Promise<CommitsToTell> {
  const { root, input } = versioning;
  const { env } = outside;
  const git = await openRepository(root, env);
  const branch = await changedPackages(versioning, { env, base: flags.base ?? null }).catch(
    (error: unknown) => {
      if (flags.base !== undefined) throw error;
      return null;
    },
  );
  for (const warning of branch?.warnings ?? []) outside.say(warningText(warning));
  const base = branch?.base.kind === "known" ? branch.base : null;
  if (base && (flags.base !== undefined || base.commit !== (await git.commitOf("HEAD")))) {
    const own = input.changesets.filter(
      ({ id }) => branch?.changesets.includes(id) && !id.startsWith("commit-"),
    );
    return { commits: await commitsSince(root, base.commit, env), since: base.ref, told: bumpsOf(own) };
  }
  return { ...(await commitsSinceReleases(versioning, env)), told: new Map() };
}

function bumpsOf(changesets: readonly Changeset[]): ReadonlyMap<PackageName, Bump> {
  const levels: readonly Bump[] = ["none", "patch", "minor", "major"];
  const bumps = new Map<PackageName, Bump>();
  for (const { name, type } of changesets.flatMap(({ releases }) => releases))
    if (levels.indexOf(type) > levels.indexOf(bumps.get(name) ?? "none")) bumps.set(name, type);
  return bumps;
}

async function commitsSinceReleases(
  versioning: LoadedVersioning,
  env: Outside["env"],
): Promise<Pick<CommitsToTell, "commits" | "since">> {
  const { root, input } = versioning;
  const packages = releasable(input.packages, versioning).map(({ name, dir, manifest }) => {
    return { name, dir, version: String(manifest["version"]) };
  });
  const points = await releasePoints(root, packages, env);
  const speaksFor = new Map<string, PackageName[]>();
  const commits = new Map<string, CommitSince>();
  const known = new Map<string | null, readonly CommitSince[]>();
  for (const { name } of packages) {
    const ref = points.get(name)?.ref ?? null;
    const list = known.get(ref) ?? (await commitsSince(root, ref, env));
    known.set(ref, list);
    for (const commit of list) {
      commits.set(commit.hash, commit);
      speaksFor.set(commit.hash, [...(speaksFor.get(commit.hash) ?? []), name]);
    }
  }
  // The longest list has them all where history is a line; others come after.
  const longest = [...known.values()].toSorted((a, b) => b.length - a.length)[0] ?? [];
  const ordered = new Map([...longest.map((commit) => [commit.hash, commit] as const), ...commits]);
  return {
    commits: [...ordered.values()].map((commit) => ({
      ...commit,
      packages: speaksFor.get(commit.hash) ?? [],
    })),
    since: "the last releases",
  };
}
