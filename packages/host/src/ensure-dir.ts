import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a directory and those above it. Node's own `recursive` tries for ever where a file system has no place for new
 * names and says that the name is missing, as /proc does.
 *
 * @throws what the file system throws
 */
export function ensureDir(path: string): void {
  if (isDirectory(path)) return;
  const above = dirname(path);
  if (above !== path) ensureDir(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else may have been faster.
    if (!isDirectory(path)) throw error;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    // Below a file, or closed to us: making it says which.
    return false;
  }
}
