import type { PackageName, Problem, RelativePath } from "@slipway/kernel";
import type { PeerRule } from "../settings/types.ts";

export type Bump = "none" | "patch" | "minor" | "major";

/**
 * The rules of Changesets 2.x or of 3.x: they differ in peer dependents, private packages, the state of pre mode, and
 * in how changelogs are written.
 */
export type Generation = 2 | 3;

/** What the plan is made from: texts and values only. */
export interface VersionInput {
  readonly generation: Generation;
  readonly settings: VersionSettings;
  /** In the order of their files' names, those of `.changeset/pre` last. */
  readonly changesets: readonly Changeset[];
  readonly preState: PreState | null;
  /** The packages of the workspace; the root only when it is one of them, or the only one. */
  readonly packages: readonly VersionedPackage[];
  /** The root's manifest where it is not among the packages: its ranges follow too (generation 3). */
  readonly root: VersionedPackage | null;
  readonly snapshot: Snapshot | null;
  /** Looked up for `catalog:` ranges; null: they and aliases lead nowhere, as in Changesets. */
  readonly catalogs: Catalogs | null;
  /** Whether `npm:` and `workspace:` aliases lead to packages; unset: as catalogs do. */
  readonly aliases?: boolean;
  readonly rules?: OwnRules;
}

/** What slipway.json and the command line choose beyond the rules of Changesets. */
export interface OwnRules {
  readonly peers?: Readonly<Record<string, PeerRule>>;
  /** Packages that give prereleases, with the word of these. */
  readonly channels?: Readonly<Record<PackageName, string>>;
  /** Packages that were never released, and are to be with the version that they have. */
  readonly firstReleases?: readonly PackageName[];
  /** The only packages to give versions to. */
  readonly only?: readonly PackageName[];
}

/** Ranges by catalog and package; the catalog without a name is `default`. */
export type Catalogs = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface VersionedPackage {
  readonly name: PackageName;
  readonly dir: RelativePath;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** One file of `.changeset`. */
export interface Changeset {
  /** The file's name without `.md`; `pre/NAME` for those that pre mode has set aside (generation 3). */
  readonly id: string;
  readonly summary: string;
  readonly releases: readonly { readonly name: PackageName; readonly type: Bump }[];
  /** Where each package stands in the file, from 1; for problems. */
  readonly lines?: Readonly<Record<PackageName, number>>;
}

/** The state of pre mode, `.changeset/pre.json`. The two lists are generation 2's. */
export interface PreState {
  readonly mode: "pre" | "exit";
  readonly tag: string;
  readonly initialVersions?: Readonly<Record<PackageName, string>>;
  readonly changesets?: readonly string[];
}

export interface Snapshot {
  /** The word after `--snapshot`; null for none. */
  readonly tag: string | null;
  /** Milliseconds since 1970, for `{datetime}` and `{timestamp}`. */
  readonly nowMs: number;
  /** The full hash of the current commit, for `{commit}`; null where there is none. */
  readonly commit: string | null;
}

/** `.changeset/config.json` with all defaults in place and all globs expanded. */
export interface VersionSettings {
  /** A module and its options; false: no changelogs. */
  readonly changelog: ModuleChoice | false;
  /** The module that words commit messages; false: the caller commits. */
  readonly commit: ModuleChoice | false;
  readonly fixed: readonly (readonly PackageName[])[];
  readonly linked: readonly (readonly PackageName[])[];
  readonly access: "public" | "restricted";
  readonly baseBranch: string;
  readonly changedFilePatterns: readonly string[];
  readonly ignore: readonly PackageName[];
  readonly privatePackages: { readonly version: boolean; readonly tag: boolean };
  /** The smallest bump of a dependency released together that has its range rewritten although it still fits. */
  readonly updateInternalDependencies: "patch" | "minor";
  readonly bumpVersionsWithWorkspaceProtocolOnly: boolean;
  readonly snapshot: { readonly useCalculatedVersion: boolean; readonly prereleaseTemplate: string | null };
  readonly onlyUpdatePeerDependentsWhenOutOfRange: boolean;
  readonly updateInternalDependents: "out-of-range" | "always";
  /** `prettier` (generation 2) or `format` (generation 3): whether changelogs go through the repository's formatter. */
  readonly format: string | false;
}

export type ModuleChoice = readonly [module: string, options: Readonly<Record<string, unknown>> | null];

/** One package of the plan as the planner of Changesets answers it; `none`: only its ranges may change. */
export interface DecidedRelease {
  readonly name: PackageName;
  readonly type: Bump;
  /** The version that the bump started from: the highest of a fixed or linked group. */
  readonly oldVersion: string;
  readonly newVersion: string;
  readonly changesets: readonly string[];
}

/** The pure part of the decision: versions and ranges, with the reason for each. */
export interface VersionDecision {
  readonly generation: Generation;
  readonly bumps: readonly PackageBump[];
  /** As Changesets words a plan: for commit generators. */
  readonly releases: readonly DecidedRelease[];
  /** New values in manifests, by directory of the package. */
  readonly manifests: readonly ManifestChange[];
  /** What each changelog's new entry is made from. */
  readonly notes: readonly ChangelogNotes[];
  /** New ranges in catalogs. */
  readonly catalogs: readonly CatalogChange[];
  readonly changesets: readonly ChangesetFate[];
  /** The state of pre mode afterwards; null: no file. */
  readonly preState: PreState | null;
  /** What was not done, and why. */
  readonly left: readonly Problem[];
}

export interface PackageBump {
  readonly package: PackageName;
  readonly from: string;
  readonly to: string;
  readonly bump: Bump;
  readonly because: readonly BumpReason[];
}

export type BumpReason =
  | { readonly kind: "changeset"; readonly changeset: string; readonly bump: Bump; readonly summary: string }
  | {
      readonly kind: "dependency";
      readonly dependency: PackageName;
      readonly to: string;
      /** As declared; what a catalog or an alias comes to stands in brackets behind it. */
      readonly range: string;
      readonly in: DependencyField;
      readonly rule: "out-of-range" | "always" | "peer";
    }
  | { readonly kind: "fixed" | "linked"; readonly with: readonly PackageName[] }
  | { readonly kind: "pre-exit" }
  /** Never released before: it keeps the version that its manifest has. */
  | { readonly kind: "first-release" };

export type DependencyField =
  | "dependencies"
  | "devDependencies"
  | "peerDependencies"
  | "optionalDependencies";

export interface ManifestChange {
  readonly package: PackageName;
  readonly dir: RelativePath;
  /** `keys` is `["version"]`, or a dependency field and a name. */
  readonly changes: readonly {
    readonly keys: readonly string[];
    readonly from: string;
    readonly value: string;
  }[];
}

export interface CatalogChange {
  readonly catalog: string;
  readonly package: PackageName;
  readonly from: string;
  readonly value: string;
}

/** The material of one package's changelog entry, in the order of the changesets. */
export interface ChangelogNotes {
  readonly package: PackageName;
  readonly dir: RelativePath;
  readonly version: string;
  readonly changesets: readonly { readonly id: string; readonly type: Bump }[];
  /** Dependencies whose new version this release takes up, and the changesets that brought them. */
  readonly dependencies: readonly DependencyNote[];
  readonly dependencyChangesets: readonly string[];
}

export interface DependencyNote {
  readonly name: PackageName;
  readonly dir: RelativePath;
  readonly type: Bump;
  readonly oldVersion: string;
  readonly newVersion: string;
  readonly changesets: readonly string[];
}

/** What becomes of a changeset's file; those that are not listed stay as they are. */
export interface ChangesetFate {
  readonly id: string;
  readonly fate: "remove" | "set-aside" | "keep-rest";
  /** For `keep-rest`: the releases that were left out of this plan and stay pending. */
  readonly rest?: Changeset["releases"];
}

/** The whole plan, frozen before the first file is written: plain JSON, `version --plan --json` prints it. */
export interface VersionPlan {
  readonly schema: 1;
  readonly generation: Generation;
  /** How the generation was found. */
  readonly generationBecause: string;
  readonly snapshot: boolean;
  readonly bumps: readonly PackageBump[];
  readonly edits: readonly FileEdit[];
  readonly left: readonly Problem[];
}

/** A file's whole text before and after; null: no such file. */
export interface FileEdit {
  readonly path: RelativePath;
  readonly before: string | null;
  readonly after: string | null;
}
