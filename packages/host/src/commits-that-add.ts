import { readGit, type Environment } from "./git.ts";

/**
 * For each path, the commit that added it last: one `git log` for all of them, whatever their number.
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
  const { exitCode, stdout } = await readGit(root, [...log, "--", asked.folder], env);
  if (exitCode !== 0) return found;
  let commit = "";
  for (const part of stdout.toString("utf8").split(/[\0\n]/)) {
    if (part.startsWith("\u0001")) commit = part.slice(1);
    else if (wanted.has(part) && !found.has(part)) found.set(part, commit);
  }
  return found;
}
