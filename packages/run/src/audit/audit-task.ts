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
  const isCovered = coveredByNeeds(seen, plan, before);
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

/**
 * What needed tasks count or make is part of their fingerprints, and those of this task's where they count for it. Where
 * they do not, what a needed task makes is covered too if this task counts all of which that one makes it (nx: `^default`).
 */
function coveredByNeeds(
  { task, counted }: SeenTask,
  plan: RunPlan,
  before: ReadonlyMap<string, SeenTask>,
): (path: RelativePath) => boolean {
  const byId = new Map(plan.tasks.map((one) => [one.id, one]));
  const counting = reached(task, ({ inputSpec }) => inputSpec.dependencyFingerprints, byId);
  const sameInputs = reached(task, () => true, byId).filter(({ id }) => {
    const others = before.get(id)?.counted;
    return others !== undefined && [...others].every((path) => counted.has(path));
  });
  const named = task.inputSpec.dependencyOutputs.map(({ globs }) => globSet(globs, []));
  const made = [...counting, ...sameInputs].map(outputsOf);
  return (path) =>
    made.some((isOutput) => isOutput(path)) ||
    named.some((globs) => globs.matches(path)) ||
    counting.some(({ id }) => before.get(id)?.counted.has(path));
}

/** The tasks that a task needs, and those that they need, through tasks that lead on. */
function reached(
  task: PlannedTask,
  leads: (task: PlannedTask) => boolean,
  byId: ReadonlyMap<string, PlannedTask>,
): readonly PlannedTask[] {
  const found = new Set(leads(task) ? task.needs : []);
  for (const id of found) {
    const need = byId.get(id);
    if (need && leads(need)) for (const next of need.needs) found.add(next);
  }
  return [...found].flatMap((id) => byId.get(id) ?? []);
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

/** More than this many files of a directory are named by it, and of one name by a glob. */
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
  return [...tops.map((dir) => `${dir}/**`), ...byName(paths.filter((path) => !isIn(path)))];
}

/** `**` before a name that many directories have. */
function byName(paths: readonly RelativePath[]): string[] {
  const names = Map.groupBy(paths, (path) => path.slice(path.lastIndexOf("/") + 1));
  return [...names].flatMap(([name, of]) => {
    if (of.length <= filesNamedMax) return of;
    const common = of.map((path) => path.split("/").slice(0, -1)).reduce(commonStart);
    return [[...common, "**", name].join("/")];
  });
}

function commonStart(one: readonly string[], other: readonly string[]): string[] {
  const end = one.findIndex((part, at) => part !== other[at]);
  return one.slice(0, end === -1 ? one.length : end);
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
