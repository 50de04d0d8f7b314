import { hash } from "node:crypto";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import {
  findGitDirs,
  isSettled,
  readOrNull,
  repositoryAt,
  sealSections,
  statNumbers,
  unsealSections,
  writeAtomically,
} from "@slipway/host/hot";
import { affectedView, type Workspace } from "@slipway/workspace";
import { version } from "../version.ts";
import { configurationName } from "../wire/configuration-name.ts";
import type { WorkspaceForTasks } from "../wire/load-for-tasks.ts";
import { namesThatCount, type LookedDirectory } from "../wire/looked-directory.ts";
import { indexStat } from "./index-stat.ts";

/** What is kept of a workspace for the next question about what a change reaches. */
interface KeptView {
  readonly workspace: Workspace;
  /** Files that it was read from, relative to the root, as they were. */
  readonly files: readonly (readonly [path: string, stat: readonly number[]])[];
  readonly dirs: readonly (LookedDirectory & { readonly mtimeMs: number; readonly inode: number })[];
  /** Configuration files that git neither tracks nor ignores. */
  readonly untracked: readonly string[];
  /** Of git's index where names in it decide what a project is; null where they do not. */
  readonly index: string | null;
}

const format = "slipway-view-2";

export interface ViewRequest {
  /** Absolute: the workspace's root, in which the words were typed. */
  readonly root: string;
  readonly tasksFrom: string | undefined;
}

/** Kept only where all that decides what the workspace is was last touched before it was read. */
export async function keepView(
  request: ViewRequest,
  { workspace, files, looked, askedNx }: WorkspaceForTasks,
  { env, startedMs }: { readonly env: NodeJS.ProcessEnv; readonly startedMs: number },
): Promise<void> {
  const file = fileOf(request);
  const { root } = request;
  const git = repositoryAt(root, env);
  if (!file || !looked || askedNx || !git) return;
  const untracked = await git.untrackedFiles().catch(() => null);
  if (!untracked) return;
  const seen = files.map((path) => [path, statAt(root, path)] as const);
  const dirs = looked.map((one) => ({ ...one, stat: statAt(root, one.dir) }));
  const isTrusted = (stat: readonly number[] | null): boolean => {
    const [mtimeMs = 0, ctimeMs = 0] = stat ?? [];
    return stat !== null && isSettled({ mtimeMs, ctimeMs }, startedMs);
  };
  // A directory that was looked for and is not there has no stamp, and its coming shows in the one above.
  const there = dirs.filter(({ stat }) => stat !== null);
  if (!seen.every(([, stat]) => isTrusted(stat)) || !there.every(({ stat }) => isTrusted(stat))) return;
  const view: KeptView = {
    workspace: affectedView(workspace),
    files: seen.flatMap(([path, stat]) => (stat ? [[path, stat] as const] : [])),
    dirs: there.flatMap(({ stat, ...one }) => {
      const [mtimeMs = 0, , , inode = 0] = stat ?? [];
      return [{ ...one, mtimeMs, inode }];
    }),
    untracked: configurationIn(untracked),
    index: files.includes("nx.json") ? indexStat(`${findGitDirs(root)?.gitDir}/index`) : null,
  };
  try {
    const sealed = sealSections(format, { view: Buffer.from(JSON.stringify(view)) });
    writeAtomically(file, (temporary) => writeFileSync(temporary, sealed));
  } catch {
    // A full disk or a read-only repository: the next question reads the workspace again.
  }
}

/** The workspace as it was kept, when nothing that decides what it is was touched since; null otherwise. */
export function heldView(
  request: ViewRequest,
): { readonly workspace: Workspace; readonly untracked: readonly string[] } | null {
  const file = fileOf(request);
  const bytes = file && readOrNull(file);
  const section = bytes ? unsealSections(format, bytes)?.get("view") : undefined;
  if (!section) return null;
  const { root } = request;
  const view = JSON.parse(section.toString("utf8")) as KeptView;
  const holds =
    view.files.every(([path, stat]) => isSame(statAt(root, path), stat)) &&
    view.dirs.every((one) => isSameDirectory(root, one)) &&
    (view.index === null || view.index === indexStat(`${findGitDirs(root)?.gitDir}/index`));
  return holds ? view : null;
}

/** Those of the files whose coming can change what the workspace is. */
export function configurationIn(paths: readonly string[]): string[] {
  return paths.filter((path) => configurationName.test(path.slice(path.lastIndexOf("/") + 1)));
}

/** Names that come and go change a directory's time stamp; few of them count. */
function isSameDirectory(root: string, one: KeptView["dirs"][number]): boolean {
  const { dir, expanded, names, mtimeMs, inode } = one;
  const now = statAt(root, dir);
  if (now && now[0] === mtimeMs && now[3] === inode) return true;
  try {
    const entries = readdirSync(dir === "" ? root : `${root}/${dir}`, { withFileTypes: true });
    return namesThatCount(entries, expanded) === names;
  } catch {
    return false;
  }
}

function isSame(now: readonly number[] | null, before: readonly number[]): boolean {
  return now !== null && before.every((number, at) => number === now[at]);
}

function statAt(root: string, path: string): readonly number[] | null {
  // From where one stands a look costs less.
  const prefix = process.cwd() === root ? "" : `${root}/`;
  const stat = statSync(path === "" ? root : prefix === "" ? path : prefix + path, { throwIfNoEntry: false });
  return stat ? statNumbers(stat) : null;
}

function fileOf({ root, tasksFrom }: ViewRequest): string | null {
  const dirs = findGitDirs(root);
  const name = hash("sha256", JSON.stringify([version, root, tasksFrom ?? null]), "hex").slice(0, 32);
  return dirs && `${dirs.commonDir}/slipway/views/${name}`;
}
