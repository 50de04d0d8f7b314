import type { Difference } from "./causes.ts";

/** All that was counted in one repository. */
export interface History {
  readonly name: string;
  readonly tool: "turbo" | "nx";
  readonly commits: number;
  /** Commits in which both sides affect the same packages. */
  readonly same: number;
  readonly plans: number;
  readonly plansDiffering: number;
  readonly differences: readonly (Difference & { readonly commit: string })[];
  /** Commits that could not be compared. */
  readonly skipped: number;
  /** What `--affected` runs without any cache. */
  readonly affectedTasks: Sides;
  /** What a run of everything finds nothing in the cache for. */
  readonly anew: Sides;
  /** Processor seconds of one affected plan, of some of the commits. */
  readonly measured: readonly Readonly<Sides>[];
}

interface Sides {
  ours: number;
  theirs: number;
}

/** The histories as tables of Markdown. */
export function tableOf(histories: readonly History[]): string {
  return [
    "What each commit of the first-parent line affects against its parent, what is planned for it, and how many tasks have to",
    "run: as the repository's own tool says and as Slipway does. Nothing was installed, so plugins of nx are left out on both",
    "sides. Causes are rows of [compatibility](../compatibility.md).",
    "",
    "| repository | tool | commits | same packages | plans that differ | not comparable |",
    "| --- | --- | --- | --- | --- | --- |",
    ...histories.map((one) =>
      row([one.name, one.tool, one.commits, one.same, one.plansDiffering, one.skipped]),
    ),
    "",
    "Packages that one side alone calls affected. *Rehashed*: of these, the tool itself gives a task of the package another",
    "hash than at the commit before, so it would run it as well.",
    "",
    "| repository | only | cause | packages | commits | rehashed |",
    "| --- | --- | --- | --- | --- | --- |",
    ...histories.flatMap(causesOf),
    "",
    "Tasks that run: with `--affected` and no cache (turbo by package, nx and Slipway by input), and without `--affected` when",
    "results of all commits before are in the cache. Then the processor seconds of one affected plan, as a whole command.",
    "",
    "| repository | affected: tool | affected: Slipway | not cached: tool | not cached: Slipway | plan: tool | plan: Slipway | plans of all commits |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...histories.map(effortOf),
  ].join("\n");
}

function causesOf({ name, tool, differences }: History): string[] {
  const groups = Map.groupBy(differences, ({ side, cause }) => `${side}\0${cause ?? "unknown"}`);
  return [...groups.values()].map((group) => {
    const [{ side, cause } = { side: "peer", cause: null }] = group;
    const commits = new Set(group.map(({ commit }) => commit)).size;
    const rehashed = group.filter((each) => each.rehashed).length;
    const only = side === "peer" ? tool : "Slipway";
    return row([name, only, cause ? `\`${cause}\`` : "unknown", group.length, commits, rehashed]);
  });
}

function effortOf({ name, commits, affectedTasks, anew, measured }: History): string {
  const ours = mean(measured.map((each) => each.ours));
  const theirs = mean(measured.map((each) => each.theirs));
  const minutes = (seconds: number): string => `${((seconds * commits) / 60).toFixed(2)} min`;
  return row([
    name,
    affectedTasks.theirs,
    affectedTasks.ours,
    anew.theirs,
    anew.ours,
    `${theirs.toFixed(2)} s`,
    `${ours.toFixed(2)} s`,
    `${minutes(theirs)} and ${minutes(ours)}`,
  ]);
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(" | ")} |`;
}
