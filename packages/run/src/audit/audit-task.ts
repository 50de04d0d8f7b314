import type { RelativePath } from "@slipway/kernel";
import type { PlannedTask, RunPlan } from "@slipway/plan";
import { globSet } from "@slipway/workspace";

/** What one task was seen to do with the files of the workspace. Paths are relative to its root. */
export interface SeenTask {
  readonly task: PlannedTask;
  /** Null: it was not looked at. */
  readonly reads: readonly RelativePath[] | null;
  readonly writes: readonly RelativePath[];
  /** What its fingerprint was taken from. */
  readonly counted: ReadonlySet<RelativePath>;
}

export interface AuditedTask {
  readonly id: string;
  /** Read, and not part of its fingerprint. */
  readonly uncounted: Missing | null;
  /** Written, and not among its outputs: a hit would not bring it back. */
  readonly undeclared: Missing | null;
}

export interface Missing {
  readonly paths: readonly RelativePath[];
  /** To add to the task's configuration, in the words of its format. */
  readonly entries: readonly string[];
}

/** Judges what a task did by what it declares. `before`: what the tasks that it needs were seen to do. */
export function auditTask(seen: SeenTask, plan: RunPlan, before: ReadonlyMap<string, SeenTask>): AuditedTask {
  const { task } = seen;
  const isOutput = outputsOf(task);
  const undeclared = seen.writes.filter((path) => !isOutput(path));
  const written = new Set(seen.writes);
  const isCovered = coveredByNeeds(task, plan, before);
  const uncounted = (seen.reads ?? []).filter(
    (path) =>
      !seen.counted.has(path) &&
      !written.has(path) &&
      !isOutput(path) &&
      !isManagers(path) &&
      !isInstalled(path) &&
      !isCovered(path),
  );
  return {
    id: task.id,
    uncounted: missing(uncounted, (path) => inputEntry(path, task, plan)),
    undeclared: missing(undeclared, (path) => outputEntry(path, task, plan)),
  };
}

function missing(paths: readonly RelativePath[], entryOf: (path: string) => string): Missing | null {
  if (paths.length === 0) return null;
  return { paths: paths.toSorted(), entries: [...new Set(grouped(paths).map(entryOf))].toSorted() };
}

function outputsOf({ outputSpec }: PlannedTask): (path: RelativePath) => boolean {
  const globs = globSet(outputSpec.include, outputSpec.exclude);
  return (path) => outputSpec.include.length > 0 && globs.matches(path);
}

/** What needed tasks count or make is part of their fingerprints, and those of this task's where they count for it. */
function coveredByNeeds(
  task: PlannedTask,
  plan: RunPlan,
  before: ReadonlyMap<string, SeenTask>,
): (path: RelativePath) => boolean {
  const byId = new Map(plan.tasks.map((one) => [one.id, one]));
  const reached = new Set(task.inputSpec.dependencyFingerprints ? task.needs : []);
  for (const id of reached) {
    const need = byId.get(id);
    if (need?.inputSpec.dependencyFingerprints) for (const next of need.needs) reached.add(next);
  }
  const named = task.inputSpec.dependencyOutputs.map(({ globs }) => globSet(globs, []));
  const needs = [...reached].flatMap((id) => byId.get(id) ?? []);
  const made = needs.map(outputsOf);
  return (path) =>
    made.some((isOutput) => isOutput(path)) ||
    named.some((globs) => globs.matches(path)) ||
    needs.some(({ id }) => before.get(id)?.counted.has(path));
}

/** Read by Node and by package managers for every script; what counts of them counts by other ways. */
function isManagers(path: RelativePath): boolean {
  return rootFiles.test(path) || path.endsWith("/package.json") || path.endsWith("/.npmrc");
}

const rootFiles =
  /^(?:package\.json|pnpm-workspace\.yaml|pnpm-lock\.yaml|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|bun\.lockb?|\.npmrc|\.yarnrc(?:\.yml)?|\.pnp\.[cm]?js|turbo\.jsonc?|nx\.json|slipway\.json|\.gitignore|\.gitattributes)$/;

/** Installed, or git's own: known by the lockfile, or no input at all. */
function isInstalled(path: RelativePath): boolean {
  return /(?:^|\/)(?:node_modules|\.git|\.yarn)(?:\/|$)/.test(path);
}

/** More than this many files of a directory are named by it. */
const filesNamedMax = 3;

function grouped(paths: readonly RelativePath[]): string[] {
  const byTop = new Map<string, string[]>();
  for (const path of paths) {
    const dir = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    byTop.set(dir, [...(byTop.get(dir) ?? []), path]);
  }
  const dirs = [...byTop].filter(([dir, of]) => dir !== "" && of.length > filesNamedMax).map(([dir]) => dir);
  const tops = dirs.filter((dir) => !dirs.some((other) => other !== dir && dir.startsWith(`${other}/`)));
  const isIn = (path: string): boolean => tops.some((dir) => path.startsWith(`${dir}/`));
  return [...tops.map((dir) => `${dir}/**`), ...paths.filter((path) => !isIn(path))];
}

function inputEntry(path: string, { dir }: PlannedTask, { source }: RunPlan): string {
  const own = dir === "" ? path : path.startsWith(`${dir}/`) ? path.slice(dir.length + 1) : null;
  if (source === "nx") return own === null ? `{workspaceRoot}/${path}` : `{projectRoot}/${own}`;
  if (own !== null) return own;
  return source === "turbo" ? `$TURBO_ROOT$/${path}` : `${"../".repeat(dir.split("/").length)}${path}`;
}

function outputEntry(path: string, { dir }: PlannedTask, { source }: RunPlan): string {
  const top = /(?:^|\/)(?:dist|build|out|lib|coverage|\.next|\.turbo|\.cache|storybook-static)\//.exec(path);
  const glob = top ? `${path.slice(0, top.index + top[0].length)}**` : path;
  const own = dir === "" ? glob : glob.startsWith(`${dir}/`) ? glob.slice(dir.length + 1) : null;
  if (source === "nx") return own === null ? `{workspaceRoot}/${glob}` : `{projectRoot}/${own}`;
  return own ?? `${"../".repeat(dir.split("/").length)}${glob}`;
}
