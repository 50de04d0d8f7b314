import type { CommandArguments, CommandTemplate } from "./tasks/nx/nx-arguments.ts";
import type { PackageName, Problem, RelativePath, Sha256 } from "@slipway/kernel";

/** One true picture of the monorepo: plain JSON, the same on every machine for the same texts. */
export interface Workspace {
  readonly manager: PackageManager;
  /** Sorted by directory. The root package stands here too when it has a manifest (`dir` is the empty string). */
  readonly packages: readonly WorkspacePackage[];
  readonly tasks: TaskConfiguration;
  /** What `catalog:` ranges stand for: catalogue name (`default` for `catalog:`), then package, then range. */
  readonly catalogs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly lockfile: LockfileView | null;
  readonly warnings: readonly Problem[];
}

export interface PackageManager {
  readonly name: "pnpm" | "npm" | "yarn" | "bun";
  /** As pinned by packageManager or devEngines; null when only a lockfile, or nothing, says which it is. */
  readonly version: string | null;
  /** Yarn Classic and Berry have different command lines and lockfiles; a null version leaves it to the lockfile. */
  readonly berry: boolean;
  readonly because: "packageManager" | "devEngines" | "lockfile" | "workspace-file" | "default";
}

export interface WorkspacePackage {
  readonly name: PackageName;
  readonly dir: RelativePath;
  readonly version: string | null;
  readonly private: boolean;
  readonly scripts: Readonly<Record<string, string>>;
  /** The manifest as parsed: readers check what they take from it. */
  readonly manifest: Readonly<Record<string, unknown>>;
  /** Edges to other packages of this workspace only. */
  readonly edges: readonly WorkspaceEdge[];
  readonly tags: readonly string[];
  /** Other names it goes by (nx's project name where it differs): the selection language and dependsOn take them too. */
  readonly aliases: readonly string[];
}

export type DependencyKind = "dependencies" | "devDependencies" | "optionalDependencies" | "peerDependencies";

export interface WorkspaceEdge {
  readonly to: PackageName;
  readonly kind: DependencyKind | "import" | "implicit";
  /** As declared (`workspace:^`, `catalog:`, `npm:name@^1`, `link:../b`, `^1.0.0`); for an import its file. */
  readonly range: string;
  readonly via: "workspace" | "catalog" | "alias" | "link" | "file" | "range" | "import" | "implicit";
  /**
   * No order of builds, only of versions: the package manager installs the registry's copy, not this workspace's, or nx is
   * told to leave it out (`implicitDependencies: ["!name"]`).
   */
  readonly fromRegistry?: true;
}

/** Where the task rules come from, and why that source won where several stand side by side. */
export interface TaskConfiguration {
  readonly source: TaskSource;
  readonly because: string;
  /** The other sources that were there, for `--tasks-from`. */
  readonly others: readonly TaskSource[];
  /** How many tasks run at a time where nobody says otherwise: `4`, or `50%` of the processors. */
  readonly concurrency?: string;
  /** True: of the packages that are meant, those that have nothing to run for a task are not asked for it. */
  readonly asksOnlyRunning?: true;
  /** Names that stand for several tasks (pnpm's `pipelines`). */
  readonly pipelines?: Readonly<Record<string, readonly string[]>>;
  /** What `--affected` compares with where nobody says otherwise (nx `defaultBase`, pnpm `pipelineBase`). */
  readonly baseBranch?: string;
  /** The files that declare all tasks at once, where they are not the source's usual ones. */
  readonly declaredIn?: readonly RelativePath[];
  /** The edges along which `^task` looks for dependencies: turbo leaves peers out, nx takes every kind. */
  readonly follows: readonly WorkspaceEdge["kind"][];
  /** One rule per package and task that this source defines, in no particular order. */
  readonly rules: readonly TaskRule[];
  readonly envMode: "strict" | "loose" | "filtered";
  /** Facts that are part of every task's fingerprint, by name (global env patterns, engines, digests of global files are taken later). */
  readonly global: GlobalInputs;
}

export type TaskSource = "turbo" | "nx" | "pnpm" | "scripts";

export interface GlobalInputs {
  /** Root-relative globs whose files count for every task. */
  readonly files: readonly string[];
  /** Names and wildcard patterns (`!` negates) whose values count for every task. */
  readonly env: readonly string[];
  readonly passThroughEnv: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
  /** Files that count for every task beside `files`, with their own way to treat what git ignores. */
  readonly selectors?: readonly FileSelector[];
}

/** What one task of one package is: the one type that turbo.json, nx.json, pnpm's tasks and bare scripts are read into. */
export interface TaskRule {
  readonly package: PackageName;
  readonly task: string;
  /** Null: nothing to run, the task only passes its needs through (turbo's transit node, nx:noop). */
  readonly action: TaskAction | null;
  readonly dependsOn: readonly TaskNeed[];
  /** It runs only when it is asked for with its package's name (`//#build`), or another task names it so. */
  readonly onlyByName?: true;
  /** Tasks that run beside this one, without order (turbo `with`). */
  readonly with: readonly TaskNeed[];
  readonly cache: boolean;
  readonly persistent: boolean;
  /** When a persistent task can be used by those that need it; missing: as soon as it has started. */
  readonly readyWhen?: ReadyWhen;
  readonly interactive: boolean;
  readonly interruptible: boolean;
  /** False: nothing else runs while it does (nx `parallelism: false`). */
  readonly parallelism: boolean;
  /** Of these no more than that many tasks run at a time, whatever the run's own limit is. */
  readonly limits?: readonly ConcurrencyLimit[];
  /** Among ready tasks the highest goes first; without one it is 0. */
  readonly priority?: number;
  readonly outputLogs: "full" | "hash-only" | "new-only" | "errors-only" | "none";
  /** As declared, for people and for `--plan`. */
  readonly declaredInputs: readonly string[];
  readonly declaredOutputs: readonly string[];
  readonly inputs: InputSpec;
  readonly outputs: OutputSpec;
  /** Names and wildcard patterns (`!` negates) that the task sees and whose values count. */
  readonly env: readonly string[];
  /** Names and patterns that the task sees but that do not count. */
  readonly passThroughEnv: readonly string[];
  readonly configurations: readonly string[];
  readonly defaultConfiguration: string | null;
  /** What a configuration (nx `-c`) changes of this rule; configurations that change nothing are left out. */
  readonly byConfiguration?: Readonly<
    Record<string, Partial<Pick<TaskRule, "action" | "outputs" | "declaredOutputs" | "inputs">>>
  >;
  /** Where each field was declared: `turbo.json:12`. */
  readonly sources: Readonly<Record<string, string>>;
  /** What is wrong with its declaration: no run that has it in its plan begins. */
  readonly faults?: readonly Problem[];
  /** What is to be said of its declaration where it runs all the same. */
  readonly remarks?: readonly Problem[];
}

/** All that is named here has to hold. The words are those of nx. */
export interface ReadyWhen {
  /** A connection to it succeeds. */
  readonly port?: number;
  /** Missing: 127.0.0.1 or ::1. */
  readonly host?: string;
  /** A GET is answered with a status from 200 to 403. */
  readonly url?: string;
  /** A shell line, run in the root with what the task sees, exits with 0. */
  readonly command?: string;
  /** Each of these texts has appeared in the task's output. */
  readonly logMatches?: readonly string[];
  readonly timeoutMs: number;
}

export interface ConcurrencyLimit {
  readonly group: string;
  readonly max: number;
}

export type TaskAction =
  /** A package script, with its pre and post scripts, in the package's directory. */
  | { readonly kind: "script"; readonly script: string }
  /** nx:run-commands: shell lines, in order or side by side. */
  | {
      readonly kind: "commands";
      readonly commands: readonly string[];
      readonly parallel: boolean;
      /** Root-relative. */
      readonly cwd: RelativePath;
      readonly env: Readonly<Record<string, string>>;
      readonly envFile: RelativePath | null;
      /** Set where typed arguments do not all go behind each command: then `filledCommand` makes the lines. */
      readonly placed?: { readonly templates: readonly CommandTemplate[]; readonly given: CommandArguments };
      readonly readyWhen: readonly string[];
    }
  /** Another executor: the repository's own nx runs it. */
  | {
      readonly kind: "executor";
      readonly executor: string;
      readonly options: Readonly<Record<string, unknown>>;
      /** Those among them that another task handed on: nx knows the others. */
      readonly forwarded?: Readonly<Record<string, unknown>>;
    };

export type TaskNeed = TaskTarget & {
  /** What was typed behind `--` goes to it too, as it does to the tasks that were asked for (nx `params: forward`). */
  readonly forwardsArguments?: true;
  /** The options of the task that needs it stand above its own (nx `options: forward`). */
  readonly forwardsOptions?: true;
};

type TaskTarget =
  /** A task of the same package. */
  | { readonly kind: "self"; readonly task: string }
  /** A task of the direct dependencies, passing through packages that lack it. */
  | { readonly kind: "dependencies"; readonly task: string }
  /** A task of one named package. */
  | { readonly kind: "package"; readonly package: PackageName; readonly task: string };

/** Which files and facts count. All globs are root-relative picomatch patterns with forward slashes, to match with `dot: true`. */
export interface InputSpec {
  readonly files: readonly FileSelector[];
  /** Environment names and patterns beyond the rule's `env`. */
  readonly env: readonly string[];
  /** Shell commands whose output counts (nx `runtime`), run in the root. */
  readonly runtime: readonly string[];
  /** Outputs of needed tasks, instead of or beside their fingerprints. */
  readonly dependencyOutputs: readonly {
    readonly globs: readonly string[];
    readonly transitive: boolean;
    /** Null: the tasks that this one directly needs. */
    readonly from: readonly TaskNeed[] | null;
  }[];
  /** True: a dependency's fingerprint counts (turbo). False: only what this spec names (nx, which hashes the sources of dependencies). */
  readonly dependencyFingerprints: boolean;
  /** Fields of JSON files: only they count, not the file. */
  readonly json: readonly {
    readonly path: RelativePath;
    readonly fields: readonly string[] | null;
    readonly excludeFields: readonly string[];
  }[];
  /** Lockfile entries: this package's own closure, all of it, named packages, or none. */
  readonly external: "closure" | "all" | "none" | readonly string[];
  /** Constant facts with their name: resolved definition, command line, tags. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface FileSelector {
  /** Globs of files that count, relative to the root. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** `respect`: files that git ignores do not count; `include`: they do. */
  readonly ignored: "respect" | "include";
  /** `late`: these are listed and hashed just before the task runs, after what it needs (turbo's `jit`). */
  readonly when?: "late";
}

export interface OutputSpec {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** What the lockfile says, per package of the workspace. */
export interface LockfileView {
  readonly path: RelativePath;
  readonly format: "pnpm" | "npm" | "yarn1" | "berry" | "bun";
  /** The package's own transitive closure of resolved dependencies, as one digest. Missing: not an importer of the lockfile. */
  readonly closures: Readonly<Record<PackageName, Sha256>>;
}
