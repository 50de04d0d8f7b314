/**
 * Compares what is affected by real commits: `node --conditions=source packages/cli/test/peers/affected-corpus.ts REPOSITORY
 * [--commits N] [--task NAME]...`. For each of the newest N commits of the first-parent line the repository's own runner,
 * turbo or nx, and Slipway are asked what the commit affects against its parent. Works on a scratch clone; nothing is
 * installed, so plugins of nx are left out on both sides. Prints counts as JSON.
 */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { planRun, affectedTasks, onlyAffected } from "@slipway/plan";
import type { Affected, Workspace } from "@slipway/workspace";
import { findAffected, type AffectedView } from "../../src/wire/find-affected.ts";
import { loadWorkspace } from "../../src/wire/load-workspace.ts";
import { askNx, installPeers, peerModules, runPeer } from "./peers.ts";

interface Comparison {
  readonly commit: string;
  /** Packages that only one side names, with the reason of the side that names them. */
  readonly onlyOurs: readonly string[];
  readonly onlyTheirs: readonly string[];
  /** Tasks that would run, by package as turbo's default and nx's legacy mode choose, and by input. */
  readonly tasksByPackage: number;
  readonly tasksByInput: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    commits: { type: "string", default: "100" },
    task: { type: "string", multiple: true, default: ["build"] },
  },
});
const [repository] = positionals;
if (repository === undefined) {
  process.stderr.write("affected-corpus needs the path of a repository\n");
  process.exit(2);
}
installPeers();
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "slipway-corpus-")));
try {
  const figures = await compareAll(resolve(repository), Number(values.commits));
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function compareAll(origin: string, count: number) {
  execFileSync("git", ["clone", "--quiet", "--shared", "--no-checkout", origin, scratch]);
  const commits = git("rev-list", "--first-parent", `--max-count=${count}`, "HEAD").split("\n");
  const compared: Comparison[] = [];
  const skipped: string[] = [];
  for (const commit of commits) {
    try {
      checkOut(commit);
      compared.push(await compare(commit));
    } catch (error) {
      skipped.push(
        `${commit.slice(0, 10)}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`,
      );
    }
  }
  const differing = compared.filter(({ onlyOurs, onlyTheirs }) => onlyOurs.length + onlyTheirs.length > 0);
  return {
    commits: compared.length,
    same: compared.length - differing.length,
    onlyOurs: counted(compared.flatMap(({ onlyOurs }) => onlyOurs.map(reasonPart))),
    onlyTheirs: counted(compared.flatMap(({ onlyTheirs }) => onlyTheirs.map(reasonPart))),
    tasksByPackage: total(compared.map(({ tasksByPackage }) => tasksByPackage)),
    tasksByInput: total(compared.map(({ tasksByInput }) => tasksByInput)),
    differing,
    skipped,
  };
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: scratch, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 }).trim();
}

/** Blobs that a partial mirror lacks stay away: only paths and configuration matter here. */
function checkOut(commit: string): void {
  git("update-ref", "--no-deref", "HEAD", commit);
  git("read-tree", commit);
  try {
    execFileSync("git", ["checkout-index", "--force", "--all", "--quiet"], { cwd: scratch, stdio: "ignore" });
  } catch {
    if (!existsSync(join(scratch, "package.json"))) throw new Error("package.json is not in the mirror");
  }
  git("clean", "--force", "-d", "--quiet", "--exclude=node_modules");
  if (existsSync(join(scratch, "node_modules"))) return;
  mkdirSync(join(scratch, "node_modules"));
  symlinkSync(join(peerModules, "nx"), join(scratch, "node_modules/nx"));
  writeFileSync(join(scratch, "node_modules/.modules.yaml"), '{"hoistedDependencies":{},"layoutVersion":5}');
}

async function compare(commit: string): Promise<Comparison> {
  withoutPlugins();
  const base = `${commit}^1`;
  const { workspace } = loadWorkspace(scratch);
  const view = await findAffected({
    root: scratch,
    workspace,
    env: process.env,
    base,
    head: commit,
    strict: true,
  });
  const ours = new Map((view.packages ?? []).map((one) => [labelOf(one.name, workspace), one]));
  const theirs =
    workspace.tasks.source === "nx" ? affectedByNx(view, base, commit) : await affectedByTurbo(base, commit);
  const known = new Set(workspace.packages.map(({ name }) => labelOf(name, workspace)));
  return {
    commit: commit.slice(0, 10),
    onlyOurs: [...ours]
      .filter(([name]) => !theirs.has(name))
      .map(([name, one]) => `${name}: ${firstReason(one)}`),
    onlyTheirs: [...theirs]
      .filter(([name]) => !ours.has(name))
      .map(([name, reason]) => `${name}: ${known.has(name) ? reason : "not a package for Slipway"}`),
    ...tasksToRun(workspace, view),
  };
}

/** nx calls the project of the root by its package's name, turbo `//`; only turbo always has one. */
function labelOf(name: string, { packages, tasks }: Workspace): string {
  const one = packages.find((each) => each.name === name);
  if (one?.dir === "") return tasks.source === "nx" ? "." : "//";
  return tasks.source === "nx" ? (one?.dir ?? name) : name;
}

function firstReason({ because }: Affected): string {
  return because[0]?.kind ?? "";
}

function reasonPart(text: string): string {
  return text.slice(text.lastIndexOf(": ") + 2);
}

interface QueryAnswer {
  readonly data: {
    readonly affectedPackages: {
      readonly items: readonly { readonly name: string; readonly reason: Readonly<Record<string, string>> }[];
    };
  };
}

async function affectedByTurbo(base: string, head: string): Promise<Map<string, string>> {
  const answer = await runPeer(
    "turbo",
    ["query", "affected", "--packages", "--base", base, "--head", head],
    scratch,
  );
  if (!answer.stdout.startsWith("{")) throw new Error(`turbo: ${answer.stderr.trim()}`);
  const { data } = JSON.parse(answer.stdout) as QueryAnswer;
  return new Map(data.affectedPackages.items.map(({ name, reason }) => [name, reason["__typename"] ?? ""]));
}

function affectedByNx({ changes }: AffectedView, base: string, head: string): Map<string, string> {
  const files = changes?.files ?? [];
  const { projects, affected } = askNx(scratch, { affected: [{ base, head, files }] });
  const reason = files.some((file) => file.endsWith("pnpm-lock.yaml")) ? "lockfile" : "other";
  return new Map((affected[0]?.projects ?? []).map((name) => [projects[name] ?? name, reason]));
}

/**
 * The plugins are not installed, and a plugin's projects would be nobody's for Slipway without nx's snapshot. Neither is
 * the compiler with which nx reads imports: edges then come from the manifests alone, on both sides.
 */
function withoutPlugins(): void {
  const path = join(scratch, "nx.json");
  if (!existsSync(path)) return;
  const { plugins, ...rest } = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  if (plugins === undefined) return;
  writeFileSync(
    path,
    JSON.stringify({ ...rest, pluginsConfig: { "@nx/js": { analyzeSourceFiles: false } } }),
  );
}

function tasksToRun(workspace: Workspace, { changes, packages }: AffectedView) {
  const tasks = values.task.filter((name) => workspace.tasks.rules.some(({ task }) => task === name));
  const request = { tasks, packages: null, configuration: null, args: [], only: false };
  const all = planRun(workspace, request);
  const chosen = (packages ?? []).map(({ name }) => ({ name, because: [] }));
  const some = planRun(workspace, { ...request, packages: chosen });
  if (!all.ok || !some.ok || !changes) return { tasksByPackage: 0, tasksByInput: 0 };
  const byInput = onlyAffected(all.value, affectedTasks(all.value, workspace, changes), "");
  const runnable = (plan: typeof byInput): number =>
    plan.tasks.filter(({ action }) => action !== null).length;
  return { tasksByPackage: runnable(some.value), tasksByInput: runnable(byInput) };
}

function counted(items: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
