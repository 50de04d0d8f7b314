import type { RelativePath } from "@slipway/kernel";
import type { Bump, Changeset, DependencyNote, VersionPlan } from "@slipway/plan";

/** The files of the repository, by root-relative path. */
export interface RepositoryFiles {
  /** Null: no such file. */
  read(path: RelativePath): Promise<string | null>;
  /** Replaces the file in one step: a reader sees the old text or the new one. */
  replace(path: RelativePath, text: string): Promise<void>;
  remove(path: RelativePath): Promise<void>;
  /** What was replaced and removed is on disk for good when this resolves. */
  settle(): Promise<void>;
}

/** A plan, and what a run that completes it could no longer find out. */
export interface KeptPlan extends VersionPlan {
  /** Absent: nothing is to be committed. */
  readonly commitMessage?: string;
}

/** Where the plan being applied is kept, outside the work tree, so that a later run can complete it. */
export interface FrozenPlan {
  read(): Promise<KeptPlan | null>;
  /** On disk for good when this resolves. */
  keep(plan: KeptPlan): Promise<void>;
  /** What follows from the files being in place: a run that is killed within it leaves the plan for the next one. */
  whenWritten?(plan: KeptPlan): Promise<void>;
  discard(): Promise<void>;
}

/** A changelog generator of Changesets: the repository's own code, or the built-in one. */
export interface ChangelogGenerator {
  releaseLine(changeset: CommittedChangeset, type: Bump): Promise<string>;
  dependencyLine(
    changesets: readonly CommittedChangeset[],
    dependencies: readonly DependencyNote[],
  ): Promise<string>;
}

export interface CommittedChangeset extends Changeset {
  /** The full hash of the commit that added the changeset's file. */
  readonly commit?: string;
}

/** Formats one entry of a changelog as the repository does; null: Slipway's own plain form is right. */
export type ChangelogFormatter = ((path: RelativePath, entry: string) => Promise<string>) | null;
