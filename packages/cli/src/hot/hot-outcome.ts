import type { ExitStatus } from "@slipway/kernel";
import type { HotRequest } from "./hot-request.ts";
import type { HotRun } from "./find-hot-run.ts";

export type HotOutcome =
  /** All was as it should be, and it was said; `way` says what was done for it, where that was anything. */
  | { readonly kind: "told"; readonly exit: ExitStatus; readonly way?: "ran" | "restored" }
  /** The run has to be made; some of it may be known. */
  | {
      readonly kind: "run";
      readonly request: HotRequest;
      readonly startedMs: number;
      readonly known: HotRun | null;
    };
