/** What one tool says of one commit, in words that both sides share: a package is its directory, `.` the root. */
export interface Answer {
  /** What the commit affects, with where that begins. */
  readonly affected: ReadonlyMap<string, Origin>;
  /** Tasks that have something to run, as `DIR#TASK` or `DIR#TASK:CONFIGURATION`, with those of them that they wait for. */
  readonly plan: ReadonlyMap<string, readonly string[]>;
  /** What stands for the inputs of each: with the same there is nothing to run. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Tasks that `--affected` would run. */
  readonly affectedTasks: ReadonlySet<string>;
  /** All that there are: nx has no project for a root without configuration of its own. */
  readonly packages: ReadonlySet<string>;
}

/** Why a package is affected: the reason of the package at which a chain of dependencies begins. */
export interface Origin {
  readonly package: string;
  readonly kind: string;
  /** Kinds of the edges along the chain. */
  readonly via: readonly string[];
}

/** Needs of tasks that run, through those that only pass theirs on. */
export function throughForwards(
  ids: Iterable<string>,
  {
    needsOf,
    runs,
  }: {
    readonly needsOf: (id: string) => readonly string[];
    readonly runs: (id: string) => boolean;
  },
): Map<string, readonly string[]> {
  const real = (id: string, seen: Set<string>): string[] =>
    needsOf(id).flatMap((need) => {
      if (runs(need)) return [need];
      if (seen.has(need)) return [];
      seen.add(need);
      return real(need, seen);
    });
  const found = [...ids].filter((id) => runs(id));
  return new Map(found.map((id) => [id, [...new Set(real(id, new Set()))].toSorted()]));
}
