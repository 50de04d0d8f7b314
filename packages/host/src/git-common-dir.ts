import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

export interface GitDirs {
  /** Absolute; of a linked work tree its own. */
  readonly gitDir: string;
  /** Absolute; shared by all work trees of the repository. */
  readonly commonDir: string;
}

/** Where git keeps the repository that a directory belongs to, without asking git; null outside of every one. */
export function findGitDirs(from: string): GitDirs | null {
  for (let dir = from; ; dir = dirname(dir)) {
    const dotGit = `${dir}/.git`;
    const stat = statSync(dotGit, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return { gitDir: dotGit, commonDir: commonDirOf(dotGit) };
    if (stat?.isFile()) {
      // A linked work tree or a submodule: one line, `gitdir: PATH`.
      const target = /^gitdir:\s*(.+?)\s*$/m.exec(readFileSync(dotGit, "utf8"))?.[1];
      if (target !== undefined)
        return { gitDir: resolve(dir, target), commonDir: commonDirOf(resolve(dir, target)) };
    }
    if (dirname(dir) === dir) return null;
  }
}

function commonDirOf(gitDir: string): string {
  try {
    return resolve(gitDir, readFileSync(`${gitDir}/commondir`, "utf8").trim());
  } catch {
    return gitDir;
  }
}
