import type { PackageName, RelativePath, TaskId } from "@slipway/kernel";
import type {
  GlobalInputs,
  InputSpec,
  OutputSpec,
  ReadyWhen,
  TaskAction,
  TaskRule,
  TaskSource,
} from "@slipway/workspace";

/** What was asked for, on the command line or by another part of the program. */
export interface RunRequest {
  /** As typed: `build`, `pkg#build`, `//#lint`, `app:build`, `app:build:production`. */
  readonly tasks: readonly string[];
  /** The packages to run them in, with the reason for each; null: every package. A task with its package ignores this. */
  readonly packages: readonly ChosenPackage[] | null;
  /** For the tasks that have it (nx); the others take their default. */
  readonly configuration: string | null;
  /** What stood after `--`. */
  readonly args: readonly string[];
  /** True: what the tasks need is left out (`--only`). */
  readonly only: boolean;
}

export interface ChosenPackage {
  readonly name: PackageName;
  readonly because: readonly RunReason[];
}

/** All that will run, in an order in which each task stands after its needs. Plain JSON: `--plan` prints it. */
export interface RunPlan {
  readonly schema: 1;
  readonly source: TaskSource;
  readonly tasks: readonly PlannedTask[];
  readonly envMode: "strict" | "loose" | "filtered";
  readonly global: GlobalInputs;
  /** How many run at a time where the caller does not say, as `4` or `50%`. */
  readonly concurrency?: string;
}

export interface PlannedTask {
  readonly id: TaskId;
  readonly package: PackageName;
  /** nx's name of the package where it is another one. */
  readonly project?: string;
  readonly task: string;
  readonly configuration?: string;
  /** Root-relative directory of the package. */
  readonly dir: RelativePath;
  /** For people: the script's text or the shell line; null for a task that only passes its needs through. */
  readonly command: string | null;
  readonly action: TaskAction | null;
  /** Arguments after `--`; only tasks that were asked for by name get them, and those that one forwards them to. */
  readonly args: readonly string[];
  readonly needs: readonly TaskId[];
  readonly with: readonly TaskId[];
  readonly cache: boolean;
  readonly persistent: boolean;
  readonly readyWhen?: ReadyWhen;
  readonly interactive: boolean;
  readonly interruptible: boolean;
  readonly parallelism: boolean;
  readonly limits?: TaskRule["limits"];
  readonly priority?: number;
  readonly outputLogs: TaskRule["outputLogs"];
  /** As declared. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly inputSpec: InputSpec;
  readonly outputSpec: OutputSpec;
  readonly env: readonly string[];
  readonly passThroughEnv: readonly string[];
  /** The digest of the package's own closure of the lockfile; null without lockfile. */
  readonly lockfileClosure: string | null;
  readonly because: readonly RunReason[];
}

export type RunReason =
  | { readonly kind: "asked"; readonly task: string }
  | { readonly kind: "filter"; readonly filter: string }
  | { readonly kind: "directory"; readonly dir: RelativePath }
  | {
      readonly kind: "affected";
      readonly base: string;
      readonly path?: string;
      readonly by?: PackageName;
      readonly need?: TaskId;
    }
  | { readonly kind: "needed-by"; readonly task: TaskId }
  | { readonly kind: "with"; readonly task: TaskId };
