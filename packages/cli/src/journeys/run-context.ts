import type { Context, Values } from "../command.ts";
import type { peerFlags } from "../flags/peers.ts";
import type { carryingOutFlags } from "../flags/run.ts";
import type { changeFlags, selectionFlags, sourceFlags } from "../flags/selection.ts";

/** What was typed behind `slipway run`. */
export type Flags = Values<
  typeof selectionFlags & typeof changeFlags & typeof sourceFlags & typeof carryingOutFlags & typeof peerFlags
> & {
  readonly only: boolean;
  readonly "affected-by": string;
  readonly plan: boolean;
  readonly watch: boolean;
  readonly audit: boolean;
  readonly json: boolean;
  readonly summary: boolean;
  readonly last: boolean;
  readonly trace: string | undefined;
  readonly otlp: string | undefined;
  readonly configuration: string | undefined;
};

export type RunContext = Omit<Context, "options"> & { readonly options: Flags };
