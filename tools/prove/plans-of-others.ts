/**
 * Real repositories of turbo and nx, nothing installed: every task of theirs, asked for one name at a time, as the real
 * `turbo run TASK --dry=json` or nx's own task graph, and as Slipway plans it. With turbo the same tasks, commands, needs,
 * companions, input files, variables, outputs and flags, and the same files that count for all; with nx the same tasks,
 * needs, outputs and flags, its plugins left out on both sides. `npm run prove plans-of-others -- --repository PATH
 * [--parts FOLDER]`: with parts the row of each repository is kept there, and one that is there already is not made again.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { loadWorkspace } from "../../packages/cli/src/wire/load-workspace.ts";
import { installPeers } from "../../packages/cli/test/peers/peers.ts";
import { checkoutOf } from "./affected-history/checkout.ts";
import { compare, type Compared } from "./plans-of-others/compare.ts";
import { nxSides } from "./plans-of-others/nx-plans.ts";
import { turboSides } from "./plans-of-others/turbo-plans.ts";

interface Options {
  readonly repositories?: readonly string[];
  readonly parts?: string;
  readonly log: (line: string) => void;
}

interface Row extends Compared {
  readonly name: string;
  readonly tool: "turbo" | "nx";
  readonly commit: string;
  readonly packages: number;
  readonly names: number;
}

export async function prove({ repositories = [], parts, log }: Options) {
  if (repositories.length === 0) return { name: "plans-of-others", skipped: "it needs --repository PATH" };
  installPeers();
  const rows: Row[] = [];
  for (const repository of repositories) {
    const row = await keptOrMade(repository, parts);
    log(`${row.name}: ${row.same} of ${row.tasks} tasks alike`);
    for (const line of row.differences.slice(0, 10)) log(`  ${line}`);
    rows.push(row);
  }
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const ofTool = (tool: Row["tool"], of: (row: Row) => number): number =>
    sum((row) => (row.tool === tool ? of(row) : 0));
  return {
    name: "plans-of-others",
    summary: tableOf(rows),
    figures: {
      repositories: rows.length,
      "plans compared": sum(({ names }) => names),
      "tasks in them, turbo": ofTool("turbo", ({ tasks }) => tasks),
      "tasks that are the same in every field, turbo": ofTool("turbo", ({ same }) => same),
      "tasks in them, nx": ofTool("nx", ({ tasks }) => tasks),
      "tasks that are the same in every field, nx": ofTool("nx", ({ same }) => same),
      "tasks with a file more by `tracked-outputs`": sum(({ tracked }) => tracked),
      "plans that both refuse": sum(({ refused }) => refused),
      "plans that turbo alone refuses (`scripts-call-turbo`)": sum(({ recursive }) => recursive),
    },
    failed: sum(({ differences }) => differences.length),
  };
}

async function keptOrMade(repository: string, parts?: string): Promise<Row> {
  if (parts === undefined) return rowOf(resolve(repository));
  const part = join(parts, `${nameOf(resolve(repository)).replace("/", "+")}.json`);
  // Parts of before nx was asked say nothing of the tool.
  if (existsSync(part)) {
    const kept = JSON.parse(readFileSync(part, "utf8")) as Omit<Row, "tool"> & Partial<Pick<Row, "tool">>;
    return { ...kept, tool: kept.tool ?? "turbo" };
  }
  const row = await rowOf(resolve(repository));
  writeFileSync(part, JSON.stringify(row));
  return row;
}

async function rowOf(repository: string): Promise<Row> {
  const checkout = checkoutOf(repository);
  try {
    const commit = checkout.git("rev-parse", "HEAD");
    checkout.goTo(commit);
    const { workspace } = loadWorkspace(checkout.root);
    const names = [...new Set(workspace.tasks.rules.map(({ task }) => task))];
    const tool = workspace.tasks.source === "nx" ? "nx" : "turbo";
    const found: Compared[] = [];
    if (tool === "nx") {
      const sides = nxSides(checkout.root, workspace, names);
      for (const [at, task] of names.entries()) {
        const both = sides[at];
        if (both) found.push(compare(task, both));
      }
    } else for (const task of names) found.push(compare(task, await turboSides(checkout.root, [task])));
    const sum = (of: (one: Compared) => number): number => found.reduce((total, one) => total + of(one), 0);
    return {
      name: nameOf(repository),
      tool,
      commit: commit.slice(0, 9),
      packages: workspace.packages.length,
      names: names.length,
      tasks: sum(({ tasks }) => tasks),
      same: sum(({ same }) => same),
      tracked: sum(({ tracked }) => tracked),
      refused: sum(({ refused }) => refused),
      recursive: sum(({ recursive }) => recursive),
      differences: found.flatMap(({ differences }) => differences),
    };
  } finally {
    checkout.remove();
  }
}

function nameOf(repository: string): string {
  const own = basename(repository) === "repo" ? basename(dirname(repository)) : basename(repository);
  return own.replace("+", "/");
}

function tableOf(rows: readonly Row[]): string {
  return [
    "Every task name of a repository, asked for alone, as its real tool (turbo 2.11.11, nx 24.0.6) and as Slipway plans it,",
    "compared field by field. turbo: command, needs, companions, input files, variables, outputs, cached, persistent; and the",
    "files that count for all. A file behind a link is called by its real path on both sides (`links` in",
    "[compatibility](../compatibility.md)), and the variables that turbo infers for a framework count as declared. nx: needs,",
    "outputs, cached, parallelism, continuous; its plugins and imports are left out on both sides. Nothing was installed.",
    "",
    "| repository | tool | commit | packages | task names | tasks in the plans | same in every field |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map(
      (one) =>
        `| ${one.name} | ${one.tool} | ${one.commit} | ${one.packages} | ${one.names} | ${one.tasks} | ${one.same} |`,
    ),
  ].join("\n");
}
