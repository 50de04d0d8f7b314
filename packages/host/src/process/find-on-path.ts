import { accessSync, constants, statSync } from "node:fs";
import { delimiter } from "node:path";

/** The absolute path of a program as a shell would find it; null when there is none. */
export function findOnPath(name: string, path: string): string | null {
  for (const dir of path.split(delimiter)) {
    const candidate = `${dir}/${name}`;
    if (dir !== "" && isExecutable(candidate)) return candidate;
  }
  return null;
}

function isExecutable(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
