import { constants } from "node:fs";
import { copyFile, lstat, mkdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { quietGit } from "./quiet-git.ts";
import { makeScratchClone } from "./scratch-checkout.ts";

/** Installed dependencies and what task runners keep for themselves. */
const leftOut = ["node_modules", ".turbo", ".nx"];
const filesAtOnce = 32;

/**
 * A copy of a work tree as it stands, built files and uncommitted changes included, with a git repository of its own:
 * what scripts write there, the work tree does not see. Installed dependencies are shared by links.
 *
 * @param root a directory of the work tree
 * @param dirs directories below `root` that have dependencies installed
 * @returns where `root` is in the copy
 * @throws UserError git/failed
 */
export async function makeScratchCopy(
  root: string,
  { target, dirs }: { readonly target: string; readonly dirs: readonly string[] },
): Promise<string> {
  const below = await makeScratchClone(root, target);
  await quietGit(target, ["read-tree", "HEAD"]);
  const top = (await quietGit(root, ["rev-parse", "--show-toplevel"])).replace(/\n$/, "");
  const excludes = leftOut.map((name) => `--exclude=${name}`);
  const listed = await quietGit(top, ["ls-files", "-z", "--cached", "--others", ...excludes]);
  // A repository inside of this one is listed as a directory.
  const paths = listed.split("\0").filter((path) => path !== "" && !path.endsWith("/"));
  await copyAll(paths, top, target);
  const copy = join(target, below);
  for (const dir of new Set(["", ...dirs])) await linkDependencies(join(root, dir), join(copy, dir));
  if (below !== "") await linkDependencies(top, target);
  await rebasePlugAndPlay(root, copy);
  return copy;
}

async function copyAll(paths: readonly string[], from: string, to: string): Promise<void> {
  const made = new Set<string>();
  const queue = [...new Set(paths)];
  const worker = async (): Promise<void> => {
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      const folder = dirname(join(to, path));
      if (!made.has(folder)) await mkdir(folder, { recursive: true });
      made.add(folder);
      await copyOne(join(from, path), join(to, path));
    }
  };
  await Promise.all(Array.from({ length: filesAtOnce }, worker));
}

async function copyOne(from: string, to: string): Promise<void> {
  try {
    const stats = await lstat(from);
    if (stats.isSymbolicLink()) await symlink(await readlink(from), to);
    else if (stats.isFile()) await copyFile(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    // Deleted in the work tree, and still in git's index.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** Yarn's Plug'n'Play names packages outside of the work tree by paths that start at it. */
async function rebasePlugAndPlay(from: string, to: string): Promise<void> {
  for (const name of [".pnp.cjs", ".pnp.data.json"]) {
    const path = join(to, name);
    if (!(await lstat(path).catch(() => null))?.isFile()) continue;
    const text = await readFile(path, "utf8");
    const rebased = text.replaceAll(
      /("packageLocation": ?")(\.\.\/[^"]*)"/g,
      (_, key: string, location: string) => `${key}${relative(to, join(from, location))}/"`,
    );
    if (rebased !== text) await writeFile(path, rebased);
  }
}

async function linkDependencies(from: string, to: string): Promise<void> {
  for (const name of ["node_modules", ".pnp.cjs", ".pnp.loader.mjs"]) {
    const source = join(from, name);
    const stats = await lstat(source).catch(() => null);
    if (!stats || (await lstat(join(to, name)).catch(() => null))) continue;
    await mkdir(to, { recursive: true });
    await symlink(source, join(to, name));
  }
}
