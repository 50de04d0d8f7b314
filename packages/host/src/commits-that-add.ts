import { readGit, streamGit, type Environment } from "./git.ts";

/**
 * For each path, the commit that added it last: one `git log` for all of them, whatever their number, which
 * is read no further than to the last one.
 *
 * @param folder a directory that all paths are in, relative to `root`
 * @returns paths without a commit (not committed yet, or beyond the end of a shallow clone) are left out
 */
export async function commitsThatAdd(
  root: string,
  asked: { readonly folder: string; readonly paths: readonly string[] },
  env: Environment,
): Promise<ReadonlyMap<string, string>> {
  const wanted = new Set(asked.paths);
  const found = new Map<string, string>();
  if (wanted.size === 0) return found;
  const log = [
    "log",
    "-z",
    "--diff-filter=A",
    "--name-only",
    "--no-renames",
    "--relative",
    "--format=%x01%H",
  ];
  const untracked = await readGit(root, ["ls-files", "--others", "-z", "--", asked.folder], env);
  // What no commit has yet would be looked for down to the first one.
  for (const path of untracked.stdout.toString("utf8").split("\0")) wanted.delete(path);
  let commit = "";
  await streamGit(root, { args: [...log, "--", asked.folder], env }, (part) => {
    if (part.startsWith("\u0001")) commit = part.slice(1);
    else if (wanted.delete(part)) found.set(part, commit);
    return wanted.size > 0;
  });
  return found;
}
