import picomatch from "picomatch";

/** Whether a path inside a package is one that `changedFilePatterns` counts; a pattern after `!` takes out again. */
export function globMatcher(patterns: readonly string[]): (path: string) => boolean {
  const matchers = patterns.map((pattern) => {
    const negated = pattern.startsWith("!");
    return { negated, matches: picomatch(negated ? pattern.slice(1) : pattern) };
  });
  return (path) => {
    let counts = false;
    for (const { negated, matches } of matchers) if (matches(path)) counts = !negated;
    return counts;
  };
}
