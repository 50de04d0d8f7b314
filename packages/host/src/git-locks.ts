import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findGitDirs } from "./git-common-dir.ts";

/** The locks that keep git from committing here, once they have stayed for longer than a short use of git takes. */
export async function gitLocks(root: string, patienceMs = 10_000): Promise<readonly string[]> {
  const locks = locksOfCommit(root);
  const held = (): readonly string[] => locks.filter((lock) => existsSync(lock));
  for (const end = performance.now() + patienceMs; held().length > 0; await pause(50))
    if (performance.now() > end) break;
  return held();
}

/** Those that `git commit` takes: of the index, of HEAD, and of the branch that HEAD stands for. */
function locksOfCommit(root: string): readonly string[] {
  const dirs = findGitDirs(root);
  if (dirs === null) return [];
  const { gitDir, commonDir } = dirs;
  const branch = branchRef(join(gitDir, "HEAD"));
  return [
    join(gitDir, "index"),
    join(gitDir, "HEAD"),
    ...(branch === null ? [] : [join(commonDir, branch)]),
  ].map((file) => `${file}.lock`);
}

function branchRef(head: string): string | null {
  try {
    return /^ref: (refs\/heads\/\S+)/.exec(readFileSync(head, "utf8"))?.[1] ?? null;
  } catch {
    return null;
  }
}
