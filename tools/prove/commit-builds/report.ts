import type { Built, Runner } from "./build.ts";

/** One commit, built by both. */
export interface Row {
  readonly name: string;
  readonly runner: Runner;
  readonly commit: string;
  /** Its caches were empty. */
  readonly isFirst: boolean;
  readonly own: Built;
  readonly slipway: Built;
  /** Built files that are not the same, or that only one side has. */
  readonly differing: readonly string[];
}

export function tableOf(rows: readonly Row[]): string {
  return [
    "Consecutive commits of repositories, `build` by the repository's own turbo or nx and by Slipway, each in a work tree of its",
    "own with a cache that stays from commit to commit; the first of each repository fills the caches. Processor seconds are of",
    "the whole command, its tasks included. Files are those that git ignores, outside of node_modules and the tools' own caches.",
    "",
    "| repository | runner | commit | exits | tasks run: runner | tasks run: Slipway | seconds: runner | seconds: Slipway | files that differ |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map(
      ({ name, runner, commit, isFirst, own, slipway, differing }) =>
        `| ${name} | ${runner} | ${commit}${isFirst ? " (first)" : ""} | ${own.exit} and ${slipway.exit} | ${told(own)} | ${told(slipway)} | ${own.cpuSeconds.toFixed(1)} | ${slipway.cpuSeconds.toFixed(1)} | ${differing.length} |`,
    ),
  ].join("\n");
}

function told({ ran, tasks }: Built): string {
  return `${ran} of ${tasks}`;
}
