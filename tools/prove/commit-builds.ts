/**
 * Consecutive real commits of a repository, built by its own turbo or nx and by Slipway beside it, each with its own cache
 * that stays warm from commit to commit: the same exit, the same tasks run, the same files built, and the processor time
 * that each took, its tasks included. `npm run prove commit-builds -- --repository PATH [--repository PATH...]
 * [--commits N] [--parts FOLDER]`. PATH is a clone with its dependencies installed, its package manager on PATH; it is
 * copied twice and left alone. With `--parts` the rows of each repository are kept there, and those that are there already
 * are not made again.
 */
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { buildIn, type Built, type Runner } from "./commit-builds/build.ts";
import {
  commitsWithSameDependencies,
  copyInstalled,
  goTo,
  notInstalled,
  outputsIn,
} from "./commit-builds/work-tree.ts";
import { tableOf, type Row } from "./commit-builds/report.ts";

const commitsByDefault = 6;

interface Options {
  readonly repositories?: readonly string[];
  readonly commits?: number;
  readonly parts?: string;
  readonly log: (line: string) => void;
}

export function prove({ repositories = [], commits = commitsByDefault, parts, log }: Options) {
  if (repositories.length === 0) return { name: "commit-builds", skipped: "it needs --repository PATH" };
  const rows = repositories.flatMap((repository) => {
    const part = parts === undefined ? null : join(parts, `${basename(repository)}.json`);
    if (part !== null && existsSync(part)) return JSON.parse(readFileSync(part, "utf8")) as Row[];
    const made = rowsOf(resolve(repository), commits, log);
    if (part !== null) writeFileSync(part, JSON.stringify(made));
    return made;
  });
  const count = (is: (row: Row) => boolean): number => rows.filter(is).length;
  const failed = count((row) => row.own.exit !== row.slipway.exit || row.differing.length > 0);
  return Promise.resolve({
    name: "commit-builds",
    summary: tableOf(rows),
    figures: {
      repositories: repositories.length,
      "commits built by both": rows.length,
      "with the same exit": count(({ own, slipway }) => own.exit === slipway.exit),
      "with the same files": count(({ differing }) => differing.length === 0),
      "processor minutes of the own runners": minutes(rows, ({ own }) => own.cpuSeconds),
      "processor minutes of Slipway": minutes(rows, ({ slipway }) => slipway.cpuSeconds),
    },
    failed,
  });
}

function rowsOf(repository: string, count: number, log: Options["log"]): Row[] {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "slipway-builds-")));
  const name = basename(repository).replace("+", "/");
  const runner: Runner = existsSync(join(repository, "nx.json")) ? "nx" : "turbo";
  const trees = { own: join(base, "own"), slipway: join(base, "slipway") };
  try {
    for (const tree of Object.values(trees)) copyInstalled(repository, tree);
    return commitsWithSameDependencies(trees.own, count).map((commit, at) => {
      for (const tree of Object.values(trees)) goTo(tree, commit);
      const without = notInstalled(trees.own);
      const own = buildIn(trees.own, { runner, by: runner, base, without });
      const slipway = buildIn(trees.slipway, { runner, by: "slipway", base, without });
      const differing = differences(outputsIn(trees.own), outputsIn(trees.slipway));
      const row = { name, runner, commit: commit.slice(0, 9), isFirst: at === 0, own, slipway, differing };
      log(`${name} ${row.commit}: ${told(own)} and ${told(slipway)}, ${differing.length} files differ`);
      for (const path of differing.slice(0, 5)) log(`  ${path}`);
      return row;
    });
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function told({ exit, ran, tasks, cpuSeconds }: Built): string {
  return `exit ${exit}, ${ran} of ${tasks} tasks in ${cpuSeconds.toFixed(1)} s`;
}

function differences(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] {
  const paths = new Set([...one.keys(), ...other.keys()]);
  return [...paths].filter((path) => one.get(path) !== other.get(path)).toSorted();
}

function minutes(rows: readonly Row[], of: (row: Row) => number): string {
  return (rows.reduce((sum, row) => sum + of(row), 0) / 60).toFixed(2);
}
