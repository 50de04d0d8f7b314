/** What a rehearsal is asked for. */
export interface RehearsalRequest {
  /** Absolute; any directory of the workspace. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** True: uncommitted changes are part of the rehearsal; else they are named and left out. */
  readonly includeUncommitted: boolean;
  /** The task that builds a package. */
  readonly buildTask: string;
  /** Tasks at the same time; null lets the number of cores decide. */
  readonly concurrency: number | null;
  /** Runs every task, whatever the cache holds. */
  readonly force: boolean;
  /** Keeps the scratch folder for a look at it. */
  readonly keep: boolean;
  /** The store and the fetched package managers; the user's cache directory when null. */
  readonly cacheDir: string | null;
}
