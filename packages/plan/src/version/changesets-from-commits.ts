import type { PackageName } from "@slipway/kernel";
import {
  bumpOfChange,
  conventionalChanges,
  revertedCommit,
  worded,
  type ConventionalChange,
} from "./conventional-commit.ts";
import { preselect, type PreselectInput } from "./preselect.ts";
import { whySkipped } from "./skipped.ts";
import type { Bump, Changeset } from "./types.ts";

export interface CommitToRead {
  readonly hash: string;
  readonly message: string;
  readonly files: PreselectInput["files"];
  /** The packages that this commit may speak for: those that were not released since. Unset: all. */
  readonly packages?: readonly PackageName[];
}

export interface CommitSources extends Omit<PreselectInput, "files"> {
  /** Oldest first. */
  readonly commits: readonly CommitToRead[];
  /** The bump of each type. */
  readonly types: Readonly<Record<string, Bump>>;
  /** What stands in `.changeset` already. */
  readonly changesets: readonly Changeset[];
  /** Bumps that changesets written by hand on this branch give already: they speak for its commits. */
  readonly told: ReadonlyMap<PackageName, Bump>;
}

const LEVELS: readonly Bump[] = ["none", "patch", "minor", "major"];

/**
 * Changesets for what conventional commits tell, named after their commits so that running again repeats none. Left out
 * are commits that bring a changeset themselves, those that were reverted, and what is told already.
 */
export function changesetsFromCommits(sources: CommitSources): readonly Changeset[] {
  const existing = new Set(sources.changesets.map(({ id }) => id.replace(/^pre\//, "")));
  return withoutReverted(sources.commits).flatMap((commit) => {
    if (commit.files.some(({ path }) => /^\.changeset\/[^/]+\.md$/.test(path))) return [];
    const changes = changesOf(commit);
    return changes.flatMap((change, at): Changeset[] => {
      const id = `commit-${commit.hash.slice(0, 10)}${changes.length > 1 ? `-${at + 1}` : ""}`;
      const type = bumpOfChange(change, sources.types);
      if (type === "none" || existing.has(id)) return [];
      const releases = packagesOf(change, commit, sources)
        .filter((name) => LEVELS.indexOf(sources.told.get(name) ?? "none") < LEVELS.indexOf(type))
        .map((name) => ({ name, type }));
      return releases.length > 0 ? [{ id, summary: summaryOf(change), releases }] : [];
    });
  });
}

/** `Revert "…"`, as git words it, is a revert too. */
function changesOf({ message }: CommitToRead): readonly ConventionalChange[] {
  const reverted = /^Revert "(.+)"/.exec(message)?.[1];
  if (reverted === undefined) return conventionalChanges(message);
  const [inner] = conventionalChanges(reverted);
  const summary = `Revert: ${inner?.summary ?? worded(reverted)}`;
  return [{ type: "revert", scopes: inner?.scopes ?? [], summary, breaking: null }];
}

/** A commit and the one that takes it back say nothing together; a revert of what came before is a change. */
function withoutReverted(commits: readonly CommitToRead[]): readonly CommitToRead[] {
  const gone = new Set<CommitToRead>();
  for (const commit of commits.toReversed()) {
    const hash = gone.has(commit) ? null : revertedCommit(commit.message);
    const reverted = hash === null ? undefined : commits.find((each) => each.hash.startsWith(hash));
    if (reverted) gone.add(reverted).add(commit);
  }
  return commits.filter((commit) => !gone.has(commit));
}

/** Scopes that are packages choose these; otherwise the files do. */
function packagesOf(
  { scopes }: ConventionalChange,
  commit: CommitToRead,
  sources: CommitSources,
): readonly PackageName[] {
  const touched = preselect({ ...sources, files: commit.files }).map((each) => each.package);
  const byScope = sources.packages.filter((each) => {
    const { name, dir } = each;
    const words = [name, name.replace(/^@[^/]+\//, ""), dir.replace(/^.*\//, "")];
    return scopes.some((scope) => words.includes(scope)) && whySkipped(each, sources) === null;
  });
  const chosen = byScope.length > 0 ? byScope.map(({ name }) => name) : touched;
  return commit.packages ? chosen.filter((name) => commit.packages?.includes(name)) : chosen;
}

function summaryOf({ summary, breaking }: ConventionalChange): string {
  return breaking ? `${summary}\n\n${breaking}` : summary;
}
