import type { ClientOptions } from "@slipway/forge";
import type { GateResult } from "@slipway/gates";
import type { ReleaseMode, ReleasePlan } from "@slipway/plan";
import type { ReleaseEvent } from "@slipway/release";
import type { RunEvent, RunFinished } from "@slipway/run";
import type { RunPlan } from "@slipway/plan";

export interface ReleaseRequest {
  /** Absolute; any directory of the workspace. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /**
   * Asked with the plan before anything is built or changed; false ends the release there. Once the plan is shown,
   * `require` throws when something is missing that it needs. `because`: why `--yes` is not enough; null: it is.
   */
  readonly approve: (
    plan: ReleasePlan,
    require: () => Promise<void>,
    because: string | null,
  ) => Promise<boolean>;
  /** Replaces every package's own dist-tag. */
  readonly channel: string | null;
  /** How the batch becomes visible; null or missing: as settings and credentials say. */
  readonly mode?: ReleaseMode | null;
  /** Whether it goes out with provenance; null or missing: as the packages are configured. */
  readonly provenance?: boolean | null;
  /** Asked when a registry wants a one-time password; names the one that it refused. Missing: nobody can be asked. */
  readonly otp?: (refused: string | null) => Promise<string | null>;
  /** True: somebody is there who can approve what is staged. */
  readonly mayApprove?: boolean;
  /** For tests: who answers for the forge instead of the network. */
  readonly forge?: ClientOptions;
  /** The task that builds a package. */
  readonly buildTask: string;
  /** Carries a run plan out in the work tree. */
  readonly carryOut: (root: string, plan: RunPlan) => Promise<RunFinished>;
}

/** What a release says while it goes on; `--json` prints one a line. */
export type ReleaseStory =
  | { readonly type: "planned"; readonly plan: ReleasePlan }
  | { readonly type: "phase"; readonly phase: ReleasePhase; readonly count: number }
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "build"; readonly event: RunEvent }
  | { readonly type: "gate"; readonly result: GateResult }
  | { readonly type: "release"; readonly event: ReleaseEvent };

export type ReleasePhase = "install" | "build" | "seal" | "adopt" | "stage" | "gates" | "publish";
