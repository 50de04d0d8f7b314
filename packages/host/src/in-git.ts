import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Whether a directory or one above it has a `.git`: a look at the disk, where asking git would start a process. */
export function inGit(dir: string): boolean {
  for (let at = dir; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return true;
    if (dirname(at) === at) return false;
  }
}
