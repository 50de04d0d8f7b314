import {
  closure,
  reversed,
  type Checked,
  type PackageName,
  type Problem,
  type RelativePath,
} from "@slipway/kernel";
import { isDirect, type Affected } from "./affected.ts";
import { matchProjects } from "./match-projects.ts";
import { ownership } from "./owner.ts";
import { packageGraph } from "./package-graph.ts";
import { readFilter, type PackageFilter } from "./select-filter.ts";
import { matchDirectory, matchName } from "./select-match.ts";
import type { Workspace, WorkspacePackage } from "./types.ts";

/** What the user typed to choose packages. Empty lists and nulls choose nothing by themselves. */
export interface Selection {
  /** `--filter`, in pnpm's and turbo's language. */
  readonly filters: readonly string[];
  /** nx `-p`: names, globs, `tag:x`, directories; `!` takes away from what stands before it. */
  readonly projects: readonly string[];
  /** nx `--exclude`, in the same language. */
  readonly exclude: readonly string[];
  /** The directory where the command was typed, relative to the root. */
  readonly cwd: RelativePath;
  /** What changed in each git range that the filters name. */
  readonly changed: Readonly<Record<string, readonly Affected[]>>;
  /** `--affected`: what else was chosen counts only if it is among these. */
  readonly affected: AffectedSince | null;
}

export interface AffectedSince {
  readonly base: string;
  /** Null: not known, so any package may be. */
  readonly packages: readonly Affected[] | null;
}

export interface Selected {
  readonly name: PackageName;
  readonly because: readonly SelectReason[];
}

export type SelectReason =
  | { readonly kind: "filter"; readonly filter: string }
  /** The command was typed inside this package. */
  | { readonly kind: "directory"; readonly dir: RelativePath }
  | { readonly kind: "affected"; readonly base: string; readonly path?: string; readonly by?: PackageName };

/**
 * The packages that a command is about, with the reason for each; null when nothing was typed that chooses, which
 * means all of them.
 */
export function select(workspace: Workspace, selection: Selection): Checked<readonly Selected[] | null> {
  const read = selection.filters.map(readFilter);
  const filters = read.filter((one): one is PackageFilter => !("code" in one));
  const problems: Problem[] = read.filter((one): one is Problem => "code" in one);
  const warnings: Problem[] = [];
  const chosen = new Map<PackageName, SelectReason[]>();
  const needs = packageGraph(workspace);
  const tools = filters.length === 0 ? new Set<PackageName>() : toolsOf(workspace, needs);
  applyFilters({ workspace, selection, needs, tools, problems, warnings }, filters, chosen);
  const matched = matchProjects(selection.projects, workspace);
  for (const { name, pattern } of matched.packages) push(chosen, name, { kind: "filter", filter: pattern });
  problems.push(...matched.problems);
  if (problems.length > 0) return { ok: false, problems, warnings };
  const choosesNothing = filters.length === 0 && selection.projects.length === 0;
  if (choosesNothing && !chooseByDefault(workspace, selection, chosen)) {
    return { ok: true, value: null, warnings };
  }
  for (const { name } of matchProjects(selection.exclude, workspace).packages) chosen.delete(name);
  if (selection.affected) keepAffected(chosen, selection.affected);
  const order = workspace.packages.map(({ name }) => name).filter((name) => chosen.has(name));
  return { ok: true, value: order.map((name) => ({ name, because: chosen.get(name) ?? [] })), warnings };
}

/** Without a filter: the current directory's package or those below it, else all when something is taken away from them. */
function chooseByDefault(
  workspace: Workspace,
  { cwd, exclude, affected }: Selection,
  chosen: Map<PackageName, SelectReason[]>,
): boolean {
  const here = cwd === "" || affected ? [] : packagesAt(workspace, cwd);
  for (const { name, dir } of here) push(chosen, name, { kind: "directory", dir });
  if (here.length > 0) return true;
  if (exclude.length === 0 && !affected) return false;
  for (const { name } of workspace.packages) chosen.set(name, []);
  return true;
}

function packagesAt({ packages }: Workspace, cwd: RelativePath): readonly WorkspacePackage[] {
  const owner = ownership(packages)(cwd);
  const own = packages.filter(({ name, dir }) => name === owner && dir !== "");
  return own.length > 0 ? own : packages.filter(({ dir }) => dir.startsWith(`${cwd}/`));
}

interface Filtering {
  readonly workspace: Workspace;
  readonly selection: Selection;
  readonly needs: PackageGraph;
  /** What every package depends on besides: in turbo all that the root does. */
  readonly tools: ReadonlySet<PackageName>;
  readonly problems: Problem[];
  readonly warnings: Problem[];
}

type PackageGraph = ReturnType<typeof packageGraph>;

function applyFilters(
  filtering: Filtering,
  filters: readonly PackageFilter[],
  chosen: Map<PackageName, SelectReason[]>,
): void {
  const { workspace, needs, tools } = filtering;
  const graphs = { needs, dependents: reversed(needs), tools };
  const including = filters.filter(({ exclude }) => !exclude);
  const excluding = filters.filter(({ exclude }) => exclude);
  if (including.length === 0 && excluding.length > 0) {
    for (const { name, dir } of workspace.packages) if (dir !== "") chosen.set(name, []);
  }
  for (const filter of including) {
    for (const name of widened(namedBy(filter, filtering), filter, graphs)) {
      push(chosen, name, { kind: "filter", filter: filter.text });
    }
  }
  for (const filter of excluding) {
    for (const name of widened(namedBy(filter, filtering), filter, graphs)) chosen.delete(name);
  }
}

function toolsOf({ packages, tasks }: Workspace, needs: PackageGraph): Set<PackageName> {
  const root = tasks.source === "turbo" ? packages.find(({ dir }) => dir === "")?.name : undefined;
  if (root === undefined) return new Set();
  const reached = closure(needs, [root]);
  reached.delete(root);
  return reached;
}

function namedBy(filter: PackageFilter, filtering: Filtering): Set<PackageName> {
  const { workspace, selection, needs, tools, problems, warnings } = filtering;
  let { packages } = workspace;
  if (filter.name !== null) {
    const matched = matchName(filter.name, packages);
    // Nobody can mean a name that is not there; to exclude one is harmless.
    if ("code" in matched) (filter.exclude ? warnings : problems).push(matched);
    packages = "code" in matched ? [] : matched.packages;
  }
  if (filter.directory !== null) {
    const matched = matchDirectory(filter.directory, workspace.packages, selection.cwd);
    if (matched.missing) problems.push(matched.missing);
    if (matched.empty) warnings.push(matched.empty);
    const inside = new Set(matched.packages);
    packages = packages.filter((one) => inside.has(one));
  }
  const names = new Set(packages.map(({ name }) => name));
  if (filter.range === null) return names;
  const affected = selection.changed[filter.range] ?? [];
  const changed = new Set(affected.filter(isDirect).map(({ name }) => name));
  const isChanged = (name: PackageName): boolean =>
    filter.changedBelow
      ? [...closure(needs, [name]), ...tools].some((one) => changed.has(one))
      : changed.has(name);
  return new Set([...names].filter(isChanged));
}

/**
 * `...name...` takes the dependencies of the dependents too: what is built on `name` must be buildable. So `^` on both
 * sides still takes `name` when something depends on it; and on one side, where several are named, those of them that
 * another one leads to.
 */
function widened(named: ReadonlySet<PackageName>, filter: PackageFilter, graphs: Graphs): Set<PackageName> {
  const { needs, dependents, tools } = graphs;
  if (named.size === 0) return new Set();
  const { withDependencies, withDependents } = filter;
  const isTool = withDependents && [...named].some((name) => tools.has(name));
  const above = withDependents ? beyond(named, dependents) : new Set<PackageName>();
  const below = withDependencies ? beyond(named, needs) : new Set<PackageName>();
  const all = new Set([
    ...above,
    ...(isTool ? needs.keys() : []),
    ...below,
    ...(withDependencies ? [...closure(needs, above), ...tools] : []),
  ]);
  const bothWays = withDependencies && withDependents;
  for (const name of named) {
    if (!filter.withoutSelf) all.add(name);
    else if (named.size === 1 && !bothWays) all.delete(name);
  }
  return all;
}

interface Graphs {
  readonly needs: PackageGraph;
  readonly dependents: PackageGraph;
  readonly tools: ReadonlySet<PackageName>;
}

/** All that is reached from one of them by at least one step; one that is named alone is not reached from itself. */
function beyond(named: ReadonlySet<PackageName>, graph: PackageGraph): Set<PackageName> {
  const reached = closure(
    graph,
    [...named].flatMap((name) => graph.get(name) ?? []),
  );
  if (named.size === 1) for (const name of named) reached.delete(name);
  return reached;
}

function keepAffected(chosen: Map<PackageName, SelectReason[]>, { base, packages }: AffectedSince): void {
  const byName = packages && new Map(packages.map((one) => [one.name, one]));
  for (const [name, because] of chosen) {
    const [first] = byName?.get(name)?.because ?? [];
    if (byName && !first) chosen.delete(name);
    else because.push({ kind: "affected", base, ...(first && whereabouts(first)) });
  }
}

function whereabouts(reason: Affected["because"][number]): {
  readonly path?: string;
  readonly by?: PackageName;
} {
  if (reason.kind === "dependency") return { by: reason.package };
  return reason.kind === "more-files" ? {} : { path: reason.path };
}

function push(chosen: Map<PackageName, SelectReason[]>, name: PackageName, reason: SelectReason): void {
  const because = chosen.get(name);
  if (because) because.push(reason);
  else chosen.set(name, [reason]);
}
