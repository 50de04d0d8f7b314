import { readdirSync, type Dirent } from "node:fs";
import picomatch from "picomatch";

export interface Globs {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/**
 * Paths of files and symbolic links below `root` that match, sorted, whatever git says of them. Links are not
 * followed; `.git` is never entered, and `node_modules` only where a glob names it.
 */
export function walkGlobs(root: string, { include, exclude }: Globs): string[] {
  const found = new Set<string>();
  const isOut = exclude.length > 0 ? picomatch([...exclude], { dot: true }) : () => false;
  for (const glob of include) {
    const { base, glob: rest } = picomatch.scan(glob);
    const start = rest === "" ? glob.replace(/\/+$/, "") : base === "." ? "" : base;
    if (isOutside(start)) continue;
    const matches = rest === "**" || rest === "" ? () => true : picomatch(glob, { dot: true });
    const walk: Walk = { root, matches, isOut, found, modules: glob.includes("node_modules") };
    enter(start, walk);
  }
  return [...found].toSorted();
}

interface Walk {
  readonly root: string;
  readonly matches: (path: string) => boolean;
  readonly isOut: (path: string) => boolean;
  readonly found: Set<string>;
  readonly modules: boolean;
}

function enter(start: string, walk: Walk): void {
  const entries = entriesOf(`${walk.root}/${start}`);
  if (entries === "file") take(start, walk);
  else if (entries) below(start, entries, walk);
}

function below(dir: string, entries: readonly Dirent[], walk: Walk): void {
  for (const entry of entries) {
    const path = dir === "" ? entry.name : `${dir}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name === ".git" || (entry.name === "node_modules" && !walk.modules)) continue;
      const inner = entriesOf(`${walk.root}/${path}`);
      if (Array.isArray(inner)) below(path, inner, walk);
    } else if (entry.isFile() || entry.isSymbolicLink()) {
      take(path, walk);
    }
  }
}

function take(path: string, { matches, isOut, found }: Walk): void {
  if (matches(path) && !isOut(path)) found.add(path);
}

/** Null when nothing is there. */
function entriesOf(path: string): Dirent[] | "file" | null {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return "file";
    if (code === "ENOENT" || code === "ELOOP" || code === "EACCES") return null;
    throw error;
  }
}

function isOutside(path: string): boolean {
  return path.startsWith("/") || path.split("/").includes("..");
}
