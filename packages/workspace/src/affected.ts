import type { PackageName, RelativePath } from "@slipway/kernel";
import { affectedView, isInside, type AffectedView } from "./affected-view.ts";
import { globSet } from "./glob-set.ts";
import { ownership } from "./owner.ts";
import type { LockfileView, TaskSource, Workspace, WorkspacePackage } from "./types.ts";

/** What differs between two states of a repository. */
export interface WorkspaceChanges {
  /** Root-relative paths that were added, changed or deleted. */
  readonly files: readonly RelativePath[];
  /** The lockfile as it was; null: it could not be read, so that its change may touch every package. */
  readonly lockfileBefore: LockfileView | null;
}

export interface Affected {
  readonly name: PackageName;
  /** Direct reasons before the ones that come through dependencies; never empty. */
  readonly because: readonly AffectedReason[];
}

export type AffectedReason =
  /** A file of the package itself. */
  | { readonly kind: "file"; readonly path: RelativePath }
  /** So many more files of the package than are listed. */
  | { readonly kind: "more-files"; readonly count: number }
  /** A file elsewhere that one of the package's tasks declares as its input. */
  | { readonly kind: "input"; readonly path: RelativePath; readonly task: string }
  /** What the lockfile resolves for the package differs. */
  | { readonly kind: "lockfile"; readonly path: RelativePath }
  /** What the lockfile resolves for the root differs: its tools and modules are found from every package. */
  | { readonly kind: "root-dependencies"; readonly path: RelativePath }
  /** The lockfile changed, and its former or its present state cannot be read. */
  | { readonly kind: "lockfile-unknown"; readonly path: RelativePath }
  /** A file that counts for every task. */
  | { readonly kind: "global"; readonly path: RelativePath }
  /** The file that defines the tasks. */
  | { readonly kind: "configuration"; readonly path: RelativePath }
  /** It depends on an affected package. */
  | { readonly kind: "dependency"; readonly package: PackageName };

type EverywhereReason = Extract<AffectedReason, { kind: "global" | "configuration" }>;

/** More would drown the answer: a rename of a directory touches thousands. */
const filesListedAtMost = 10;

/**
 * Which packages a change can reach, and why: those that own a changed file, those whose tasks read one, those whose
 * part of the lockfile differs, all when a global file changed, and whatever depends on one of them.
 *
 * @returns sorted by name
 */
export function affected(workspace: Workspace, changes: WorkspaceChanges): Affected[] {
  return affectedIn(affectedView(workspace), changes.files, (path) =>
    lockfileReasons(workspace, changes, path),
  );
}

/** The same of what was kept of a workspace; `ofLockfile` says what a changed lockfile means. */
export function affectedIn(
  view: AffectedView,
  paths: readonly RelativePath[],
  ofLockfile: (path: RelativePath) => readonly (readonly [PackageName, AffectedReason])[],
): Affected[] {
  const reasons = new Map<PackageName, AffectedReason[]>(view.names.map((name) => [name, []]));
  const add = (name: PackageName, reason: AffectedReason): void => void reasons.get(name)?.push(reason);
  const files = [...new Set(paths)].toSorted();
  const lockfile = changedLockfile(view, files);
  addOwners(
    view,
    files.filter((path) => path !== lockfile),
    add,
  );
  addReaders(view, files, add);
  if (lockfile !== undefined) for (const [name, reason] of ofLockfile(lockfile)) add(name, reason);
  for (const reason of everywhere(view, files)) for (const name of reasons.keys()) add(name, reason);
  addDependents(view, reasons);
  return [...reasons]
    .filter(([, because]) => because.length > 0)
    .map(([name, because]) => ({ name, because }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** True: something of the package itself, or of everything, changed; false: only what it depends on. */
export function isDirect({ because }: Affected): boolean {
  return because.some(({ kind }) => kind !== "dependency");
}

type Add = (name: PackageName, reason: AffectedReason) => void;

function addOwners({ names, dirs }: AffectedView, files: readonly RelativePath[], add: Add): void {
  const ownerOf = ownership(names.map((name, at) => ({ name, dir: dirs[at] ?? "" })));
  const counts = new Map<PackageName, number>();
  for (const path of files) {
    const owner = ownerOf(path);
    if (owner === null) continue;
    const count = (counts.get(owner) ?? 0) + 1;
    counts.set(owner, count);
    if (count <= filesListedAtMost) add(owner, { kind: "file", path });
  }
  for (const [name, count] of counts) {
    if (count > filesListedAtMost) add(name, { kind: "more-files", count: count - filesListedAtMost });
  }
}

/** Tasks may declare files outside of their package; the first such file is reason enough. */
function addReaders({ names, dirs, readers }: AffectedView, files: readonly RelativePath[], add: Add): void {
  if (files.length === 0 || readers.length === 0) return;
  const directories = new Map(names.map((name, at) => [name, dirs[at]]));
  const sets = new Map<string, RelativePath | undefined>();
  const seen = new Set<string>();
  for (const { package: name, task, files: selectors } of readers) {
    for (const { include, exclude } of selectors) {
      const key = JSON.stringify([include, exclude]);
      if (!sets.has(key)) sets.set(key, globSet(include, exclude).firstOf(files));
      const path = sets.get(key);
      if (path === undefined || seen.has(`${name}\0${path}`)) continue;
      seen.add(`${name}\0${path}`);
      if (!isInside(path, directories.get(name) ?? "")) add(name, { kind: "input", path, task });
    }
  }
}

const lockfileNames: readonly RelativePath[] = [
  "pnpm-lock.yaml",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "bun.lock",
  "bun.lockb",
];

/** Undefined: the lockfile did not change. */
export function changedLockfile(
  { lockfile }: Pick<AffectedView, "lockfile">,
  files: readonly RelativePath[],
): RelativePath | undefined {
  const names = new Set(lockfile ? [lockfile.path] : lockfileNames);
  return files.find((path) => names.has(path));
}

type LockfileReason = Extract<
  AffectedReason,
  { kind: "lockfile" | "lockfile-unknown" | "root-dependencies" }
>;

/** The packages for which a changed lockfile resolves something else, or may. */
export function lockfileReasons(
  { lockfile, packages }: Workspace,
  { lockfileBefore }: WorkspaceChanges,
  path: RelativePath,
): (readonly [PackageName, LockfileReason])[] {
  if (!lockfile || !lockfileBefore) {
    return packages.map(({ name }) => [name, { kind: "lockfile-unknown", path }]);
  }
  const differs = ({ name }: WorkspacePackage): boolean =>
    lockfileBefore.closures[name] !== lockfile.closures[name];
  const root = packages.find(({ dir }) => dir === "");
  const rootDiffers = root !== undefined && differs(root);
  return packages
    .filter((one) => rootDiffers || differs(one))
    .map((one) => [one.name, { kind: differs(one) ? "lockfile" : "root-dependencies", path }]);
}

const configurationFiles: Readonly<Record<TaskSource, readonly RelativePath[]>> = {
  turbo: ["turbo.json", "turbo.jsonc"],
  nx: ["nx.json"],
  pnpm: ["pnpm-workspace.yaml"],
  scripts: [],
};

/** The reasons for which every task counts as changed. */
export function everywhere(
  { tasks }: Pick<AffectedView, "tasks">,
  files: readonly RelativePath[],
): EverywhereReason[] {
  const configuration = new Set(tasks.declaredIn ?? configurationFiles[tasks.source]);
  const { files: globs, selectors = [] } = tasks.global;
  const include = globs.filter((glob) => !glob.startsWith("!"));
  const exclude = globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const sets = [{ include, exclude }, ...selectors].map((one) => globSet(one.include, one.exclude));
  return files.flatMap((path): EverywhereReason[] => {
    if (configuration.has(path)) return [{ kind: "configuration", path }];
    return sets.some((globsOf) => globsOf.matches(path)) ? [{ kind: "global", path }] : [];
  });
}

function addDependents(
  { names, dependents }: AffectedView,
  reasons: ReadonlyMap<PackageName, AffectedReason[]>,
): void {
  const because = names.map((name) => reasons.get(name) ?? []);
  const reached = new Set([...because.keys()].filter((at) => (because[at] ?? []).length > 0));
  for (const at of reached) {
    const name = names[at] ?? "";
    for (const dependent of dependents[at] ?? []) {
      because[dependent]?.push({ kind: "dependency", package: name });
      reached.add(dependent);
    }
  }
}
