import picomatch from "picomatch";
import type { RelativePath } from "@slipway/kernel";

/** Globs that say which paths count: at least one of `include` and none of `exclude`. */
export interface GlobSet {
  matches(path: RelativePath): boolean;
  /** The first of these paths that counts; they must be sorted by code unit. */
  firstOf(sorted: readonly RelativePath[]): RelativePath | undefined;
}

/** Root-relative picomatch patterns, dot files included. A literal pattern also stands for all that is below it. */
export function globSet(include: readonly string[], exclude: readonly string[]): GlobSet {
  const included = include.map(patternOf);
  const excluded = exclude.map(patternOf);
  const isExcluded = (path: RelativePath): boolean => excluded.some((one) => one.matches(path));
  return {
    matches: (path) => included.some((one) => one.matches(path)) && !isExcluded(path),
    firstOf(sorted) {
      for (const pattern of included) {
        const found = near(sorted, pattern.prefix).find((path) => pattern.matches(path) && !isExcluded(path));
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

interface Pattern {
  /** What every matching path starts with. */
  readonly prefix: string;
  matches(path: RelativePath): boolean;
}

function patternOf(glob: string): Pattern {
  const special = glob.search(/[\\*?[\]{}()!+@|]/);
  if (special === -1) {
    const prefix = glob.replace(/\/$/, "");
    return { prefix, matches: (path) => path === prefix || path.startsWith(`${prefix}/`) };
  }
  // Up to the last slash before it: `a/b{c,d}` matches nothing outside of `a/`. `a/**` also matches `a` itself.
  const slash = glob.lastIndexOf("/", special);
  const prefix = glob.slice(0, Math.max(0, slash));
  if (glob === `${prefix}/**`)
    return { prefix, matches: (path) => path === prefix || path.startsWith(`${prefix}/`) };
  let compiled: ((path: string) => boolean) | undefined;
  return {
    prefix,
    matches(path) {
      // Compiled when a path comes near: most patterns of a workspace never see one.
      compiled ??= picomatch(glob, { dot: true });
      return path.startsWith(prefix) && compiled(path);
    },
  };
}

/** The paths that start with a text. */
function near(sorted: readonly RelativePath[], prefix: string): readonly RelativePath[] {
  const from = firstAt(sorted, (path) => path >= prefix);
  const rest = firstAt(sorted, (path) => path >= prefix && !path.startsWith(prefix));
  return sorted.slice(from, rest);
}

/** The index of the first path for which this holds; it must hold for all behind it. */
function firstAt(sorted: readonly RelativePath[], holds: (path: RelativePath) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle] ?? "")) high = middle;
    else low = middle + 1;
  }
  return low;
}
