import picomatch from "picomatch";
import type { RelativePath } from "@slipway/kernel";

/** Globs that say which paths count: at least one of `include` and none of `exclude`. */
export interface GlobSet {
  matches(path: RelativePath): boolean;
}

/** Root-relative picomatch patterns, dot files included. A literal pattern also stands for all that is below it. */
export function globSet(include: readonly string[], exclude: readonly string[]): GlobSet {
  const included = include.map(matcher);
  const excluded = exclude.map(matcher);
  return {
    matches: (path) => included.some((match) => match(path)) && !excluded.some((match) => match(path)),
  };
}

function matcher(glob: string): (path: RelativePath) => boolean {
  const { base, isGlob } = picomatch.scan(glob);
  if (!isGlob) {
    const plain = glob.replace(/\/$/, "");
    return (path) => path === plain || path.startsWith(`${plain}/`);
  }
  const match = picomatch(glob, { dot: true });
  // Most paths fail on the directory that the pattern starts with: that is cheaper to ask than the expression.
  return base === "" ? match : (path) => path.startsWith(base) && match(path);
}
