import type { ReadyWhen } from "@slipway/workspace";

/** Looks whether a server can be used. */
export interface Readiness {
  /**
   * Looks until all that is asked for holds, the time is over or `giveUp` was called.
   *
   * @param asked its `logMatches` are the caller's to see
   */
  await(asked: AskedReadiness): { readonly answer: Promise<ReadyAnswer>; giveUp(): void };
  /** Where something else answers already, so that nobody could tell when the server does; null when nothing does. */
  taken(when: ReadyWhen): Promise<string | null>;
}

export interface AskedReadiness {
  readonly when: ReadyWhen;
  /** What the task sees. */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves when its log has said all that it has to say; null when nothing is asked of the log. */
  readonly logged: Promise<void> | null;
}

/** `because` says what holds, or what does not. */
export type ReadyAnswer =
  | { readonly kind: "ready" | "late"; readonly because: string }
  | { readonly kind: "given-up" };
