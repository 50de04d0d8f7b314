import { lstatSync, statSync, type Stats } from "node:fs";

/**
 * What stands at a path, a link itself; undefined when nothing does. A file or a circle of links where a directory was
 * expected is the same as nothing: `throwIfNoEntry` alone does not cover them.
 */
export function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return nothing(error as NodeJS.ErrnoException);
  }
}

/** The same, behind links. */
export function lookBehind(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return nothing(error as NodeJS.ErrnoException);
  }
}

function nothing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOTDIR" || error.code === "ELOOP" || error.code === "EACCES") return undefined;
  throw error;
}
