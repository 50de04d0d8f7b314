import type { Problem } from "@slipway/kernel";

/** Collects all that is wrong while reading goes on, so that a user sees everything at once. */
export interface Findings {
  readonly problems: Problem[];
  readonly warnings: Problem[];
}

export function noFindings(): Findings {
  return { problems: [], warnings: [] };
}
