import type { PackageName } from "@slipway/kernel";
import picomatch from "picomatch";
import type { Generation } from "./types.ts";

/**
 * The names that a list of globs chooses. The generations differ in negation: the first one's `!a` alone means all but
 * a, and takes names out wherever it stands; the other's only takes out what stands before it.
 * Source: micromatch 4 `micromatch()`; globMatch in @changesets/config 4.
 */
export function matchNames(
  names: readonly PackageName[],
  globs: readonly string[],
  generation: Generation,
): readonly PackageName[] {
  if (globs.length === 0) return [];
  return generation === 2 ? matchAsMicromatch(names, globs) : matchInOrder(names, globs);
}

/** The globs that choose no name at all: probably misspelt. */
export function unmatchedPatterns(
  names: readonly PackageName[],
  globs: readonly string[],
): readonly string[] {
  return globs.filter((glob) => {
    const matches = picomatch(glob);
    return !names.some((name) => matches(name));
  });
}

function matchAsMicromatch(names: readonly PackageName[], globs: readonly string[]): readonly PackageName[] {
  const kept = new Set<PackageName>();
  const omitted = new Set<PackageName>();
  let negatives = 0;
  for (const { negated, matches } of matchersOf(globs)) {
    if (negated) negatives++;
    for (const name of names) {
      if (matches(name) === negated) continue;
      if (negated) omitted.add(name);
      else {
        omitted.delete(name);
        kept.add(name);
      }
    }
  }
  const chosen = negatives === globs.length ? names : [...kept];
  return chosen.filter((name) => !omitted.has(name));
}

function matchInOrder(names: readonly PackageName[], globs: readonly string[]): readonly PackageName[] {
  const matchers = matchersOf(globs);
  return names.filter((name) => {
    let chosen = false;
    for (const { negated, matches } of matchers) {
      if (!chosen && !negated && matches(name)) chosen = true;
      else if (chosen && negated && !matches(name)) chosen = false;
    }
    return chosen;
  });
}

function matchersOf(globs: readonly string[]) {
  return globs.map((glob) => {
    const matches = picomatch(glob);
    return { negated: picomatch.scan(glob).negated, matches: (name: PackageName) => matches(name) };
  });
}
