import { Range, SemVer } from "semver";

/**
 * The range that a text is; null for what is none. A workspace has many thousands of declared ranges and few different
 * ones, and parsing them again and again was most of what a plan costs.
 */
export function rangeOf(text: string): Range | null {
  return known(ranges, text, () => parsed(() => new Range(text)));
}

/** As semver's own, from what is parsed already. */
export function validRange(text: string): string | null {
  const range = rangeOf(text);
  return range === null ? null : range.range || "*";
}

/** As semver's own, from what is parsed already. */
export function satisfies(version: string, range: string): boolean {
  return known(answers, `${version}\0${range}`, () => {
    const parsedVersion = known(versions, version, () => parsed(() => new SemVer(version)));
    return parsedVersion !== null && rangeOf(range)?.test(parsedVersion) === true;
  });
}

const ranges = new Map<string, Range | null>();
const versions = new Map<string, SemVer | null>();
const answers = new Map<string, boolean>();
/** So that a process that lives long holds no more than some megabytes of them. */
const KNOWN_MAX = 20_000;

function known<T>(map: Map<string, T>, key: string, find: () => T): T {
  const value = map.get(key);
  if (value !== undefined) return value;
  const found = find();
  if (map.size >= KNOWN_MAX) map.clear();
  map.set(key, found);
  return found;
}

function parsed<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch {
    return null;
  }
}
