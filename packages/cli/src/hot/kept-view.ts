import { readdirSync, type Stats } from "node:fs";
import {
  isSettled,
  lookBehind,
  readChecked,
  shortName,
  statNumbers,
  writeChecked,
  type GitRepository,
} from "@slipway/host/hot";
import type { Problem } from "@slipway/kernel";
import { affectedView, type AffectedView, type TaskConfiguration } from "@slipway/workspace";
import { version } from "../version.ts";
import { configurationName } from "../wire/configuration-name.ts";
import type { WorkspaceForTasks } from "../wire/load-for-tasks.ts";
import { namesThatCount } from "../wire/looked-directory.ts";
import { indexStat } from "./index-stat.ts";
import { prefixOf, type DirectoryStamp } from "./kept-untracked.ts";

/** What is kept of a workspace for the next question about what a change reaches. */
export interface HeldView {
  readonly affected: AffectedView;
  readonly tasks: Pick<TaskConfiguration, "baseBranch">;
  readonly warnings: readonly Problem[];
  /** Configuration files that git neither tracks nor ignores. */
  readonly untracked: readonly string[];
}

interface KeptView extends HeldView {
  /** What was asked: many questions share a place. */
  readonly key: string;
  /** Files that it was read from, relative to the root; five numbers each. */
  readonly files: readonly string[];
  /** Directories that were looked into; two numbers each, after those of the files. */
  readonly dirs: readonly string[];
  /** Of each directory: whether its subdirectories counted, and the names that did. */
  readonly looks: readonly (readonly [expanded: 0 | 1, names: string])[];
  /** Of git's index where names in it decide what a project is; null where they do not. */
  readonly index: string | null;
}

const fileNumbers = 5;
const dirNumbers = 2;

export interface ViewRequest {
  /** Of the workspace's root, in which the words were typed. */
  readonly git: GitRepository;
  readonly tasksFrom: string | undefined;
}

/** Kept only where all that decides what the workspace is was last touched before it was read. */
export async function keepView(
  request: ViewRequest,
  { workspace, files, looked, askedNx }: WorkspaceForTasks,
  startedMs: number,
): Promise<void> {
  const { git } = request;
  const { root } = git;
  if (!looked || askedNx) return;
  const untracked = await git.untrackedFiles().catch(() => null);
  if (!untracked) return;
  const look = (path: string): Stats | undefined => lookBehind(path === "" ? root : `${root}/${path}`);
  const seen = files.map((path) => [path, look(path)] as const);
  // What was looked for and is not there has no stamp, and its coming shows in the directory above.
  const dirs = looked.flatMap((one) => {
    const stat = look(one.dir);
    return stat ? [{ ...one, stat }] : [];
  });
  const stats = [...seen.map(([, stat]) => stat), ...dirs.map(({ stat }) => stat)];
  if (!stats.every((stat) => stat !== undefined && isSettled(stat, startedMs))) return;
  const view: KeptView = {
    key: keyOf(request),
    affected: affectedView(workspace),
    tasks: workspace.tasks.baseBranch === undefined ? {} : { baseBranch: workspace.tasks.baseBranch },
    warnings: workspace.warnings,
    files: seen.map(([path]) => path),
    dirs: dirs.map(({ dir }) => dir),
    looks: dirs.map(({ expanded, names }) => [expanded ? 1 : 0, names]),
    untracked: configurationIn(untracked),
    index: files.includes("nx.json") ? indexStat(`${git.gitDir}/index`) : null,
  };
  const numbers = [
    ...seen.flatMap(([, stat]) => (stat ? statNumbers(stat) : [])),
    ...dirs.flatMap(({ stat }) => [stat.mtimeMs, stat.ino]),
  ];
  try {
    writeChecked(fileOf(request), { text: JSON.stringify(view), numbers: Float64Array.from(numbers) });
  } catch {
    // A full disk or a read-only repository: the next question reads the workspace again.
  }
}

/**
 * The workspace as it was kept, when nothing that decides what it is was touched since; null otherwise.
 *
 * @param stampOf what was found of directories a moment ago
 */
export function heldView(
  request: ViewRequest,
  stampOf: (dir: string) => DirectoryStamp | undefined,
): HeldView | null {
  const read = readChecked(fileOf(request));
  if (!read) return null;
  const view = JSON.parse(read.text) as KeptView;
  const { key, files, dirs, index } = view;
  const { numbers } = read;
  const ofDirs = files.length * fileNumbers;
  const { root, gitDir } = request.git;
  const prefix = prefixOf(root);
  const holds =
    key === keyOf(request) &&
    files.every((path, at) => isSame(lookBehind(prefix + path), numbers, at * fileNumbers)) &&
    dirs.every((dir, at) => {
      const stat = stampOf(dir) ?? lookBehind(dir === "" ? root : prefix + dir);
      const from = ofDirs + at * dirNumbers;
      const isUntouched = stat && stat.mtimeMs === numbers[from] && stat.ino === numbers[from + 1];
      return isUntouched || hasSameNames(root, dir, view.looks[at]);
    }) &&
    (index === null || index === indexStat(`${gitDir}/index`));
  return holds ? view : null;
}

/** Those of the files whose coming can change what the workspace is. */
export function configurationIn(paths: readonly string[]): string[] {
  return paths.filter((path) => configurationName.test(path.slice(path.lastIndexOf("/") + 1)));
}

/** Names that come and go change a directory's time stamp; few of them count. */
function hasSameNames(root: string, dir: string, look: KeptView["looks"][number] | undefined): boolean {
  try {
    const entries = readdirSync(dir === "" ? root : `${root}/${dir}`, { withFileTypes: true });
    return look !== undefined && namesThatCount(entries, look[0] === 1) === look[1];
  } catch {
    return false;
  }
}

function isSame(stat: Stats | undefined, numbers: Float64Array, from: number): boolean {
  return (
    stat !== undefined &&
    stat.mtimeMs === numbers[from] &&
    stat.ctimeMs === numbers[from + 1] &&
    stat.size === numbers[from + 2] &&
    stat.ino === numbers[from + 3] &&
    stat.mode === numbers[from + 4]
  );
}

function keyOf({ git, tasksFrom }: ViewRequest): string {
  return JSON.stringify(["view-3", version, git.root, tasksFrom ?? null]);
}

function fileOf(request: ViewRequest): string {
  return `${request.git.commonDir}/slipway/views/${shortName(keyOf(request))}`;
}
