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

/** What cannot even be looked at (a folder of somebody else, a link to itself) is passed over, as a shell does. */
function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
