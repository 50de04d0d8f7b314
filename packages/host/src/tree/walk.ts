import { readdirSync, type Dirent } from "node:fs";
import picomatch from "picomatch";
import { lookBehind } from "./look-at.ts";

export interface Globs {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface Walked {
  /** Files and symbolic links, sorted. */
  readonly paths: readonly string[];
  /** Directories that were read. */
  readonly dirs: ReadonlySet<string>;
  /** Places that were looked at and where nothing is. */
  readonly absent: ReadonlySet<string>;
  /** What is neither file, link nor directory (pipes, sockets, devices), and directories that cannot be read. */
  readonly odd: ReadonlySet<string>;
}

/**
 * Files and symbolic links below `root` that match, whatever git says of them. Links are not followed; `.git` is never
 * entered, and `node_modules` only where a glob names it or `keepsModules` says that its directory makes it a result.
 */
export function walkGlobs(
  root: string,
  { include, exclude }: Globs,
  keepsModules: (dir: string) => boolean = () => false,
): Walked {
  const found = new Set<string>();
  const dirs = new Set<string>();
  const absent = new Set<string>();
  const odd = new Set<string>();
  const isOut = exclude.length > 0 ? picomatch([...exclude], { dot: true }) : () => false;
  for (const glob of include) {
    const { base, rest } = splitGlob(glob);
    if (isOutside(base)) continue;
    const matches = rest === "**" || rest === "" ? () => true : picomatch(glob, { dot: true });
    const entersModules = glob.includes("node_modules") ? () => true : keepsModules;
    const leadsOn = leadsOnBy(rest);
    const walk: Walk = { root, matches, isOut, found, dirs, absent, odd, entersModules, leadsOn, depth: 0 };
    const start = base === "" ? root : `${root}/${base}`;
    // Before its first run a task has no outputs; and an error is made much slower than an answer.
    const entries = lookBehind(start) ? entriesOf(start) : null;
    if (entries === null) absent.add(base);
    else if (entries === "file") take(base, walk, found);
    else below(base, entries, walk);
  }
  return { paths: [...found].toSorted(), dirs, absent, odd };
}

/** The directory or file that a glob starts at, and what is left of it; without magic nothing is left. */
export function splitGlob(glob: string): { readonly base: string; readonly rest: string } {
  if (!/[*?[\]{}()!+@\\]/.test(glob)) return { base: glob.replace(/\/+$/, ""), rest: "" };
  const parts = glob.replace(/^\.\//, "").split("/");
  const at = parts.findIndex((part) => magic.test(unescaped(part, "")));
  const plain = (at === -1 ? parts : parts.slice(0, at)).map((part) => unescaped(part, "$1"));
  return { base: plain.join("/"), rest: at === -1 ? "" : parts.slice(at).join("/") };
}

function unescaped(part: string, by: string): string {
  return part.includes("\\") ? part.replaceAll(escaped, by) : part;
}

const magic = /[*?[\]{}()]|[!+@](?=\()/;
const escaped = /\\(.)/g;

interface Walk {
  readonly root: string;
  readonly matches: (path: string) => boolean;
  readonly isOut: (path: string) => boolean;
  readonly found: Set<string>;
  readonly dirs: Set<string>;
  readonly absent: Set<string>;
  readonly odd: Set<string>;
  readonly entersModules: (dir: string) => boolean;
  /** Whether something that matches may lie in a directory of this name, so many directories below the first. */
  readonly leadsOn: (name: string, depth: number) => boolean;
  readonly depth: number;
}

/** Up to its first `**` every part of a glob is the name of one directory; `.env*` has nothing to do with what lies in any. */
function leadsOnBy(rest: string): Walk["leadsOn"] {
  if (rest === "" || rest === "**" || /[{}()]/.test(rest)) return () => true;
  const parts = rest.split("/");
  const deep = parts.indexOf("**");
  const names = parts.slice(0, deep === -1 ? -1 : deep).map((part) => picomatch(part, { dot: true }));
  return (name, depth) => names[depth]?.(name) ?? deep !== -1;
}

function below(dir: string, entries: readonly Dirent[], walk: Walk): void {
  walk.dirs.add(dir);
  for (const entry of entries) {
    const path = dir === "" ? entry.name : `${dir}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name === ".git" || (entry.name === "node_modules" && !walk.entersModules(dir))) continue;
      if (!walk.leadsOn(entry.name, walk.depth)) continue;
      const inner = entriesOf(`${walk.root}/${path}`);
      if (Array.isArray(inner)) below(path, inner, { ...walk, depth: walk.depth + 1 });
      else if (!walk.isOut(path)) walk.odd.add(path);
    } else {
      take(path, walk, entry.isFile() || entry.isSymbolicLink() ? walk.found : walk.odd);
    }
  }
}

function take(path: string, { matches, isOut }: Walk, into: Set<string>): void {
  if (matches(path) && !isOut(path)) into.add(path);
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
