import type { Problem } from "@slipway/kernel";

/**
 * One `--filter`, read: `!` excludes; `...` before adds dependents, behind adds dependencies, with `^` in between the
 * named packages themselves are left out; `{dir}` and `[range]` narrow.
 * Sources: pnpm.io/filtering and Turborepo's reference of `--filter`; both read the same language.
 */
export interface PackageFilter {
  readonly text: string;
  readonly exclude: boolean;
  /** A name, a glob of names, a name without its scope, or `tag:x`; null: any. */
  readonly name: string | null;
  /** As typed, relative to the current directory; null: anywhere. */
  readonly directory: string | null;
  /** A git range as typed: `main`, `main...HEAD`; null: whether changed or not. */
  readonly range: string | null;
  readonly withDependencies: boolean;
  readonly withDependents: boolean;
  readonly withoutSelf: boolean;
  /** `name...[range]`: also when only something that it depends on changed. */
  readonly changedBelow: boolean;
}

/** A name may hold a dot, but not start or end with one: there the dots of `...` or of a path begin. */
const parts =
  /^(?<name>[^.{}[\]](?:[^{}[\]]*[^{}[\].])?)?(?:\{(?<directory>[^}]+)\})?(?<below>\.{3})?(?:\[(?<range>[^\]]+)\])?$/;

const path = /^\.{1,2}(?:\/|$)/;

export function readFilter(text: string): PackageFilter | Problem {
  const exclude = text.startsWith("!");
  let rest = exclude ? text.slice(1) : text;
  const withDependencies = rest.endsWith("...");
  if (withDependencies) rest = rest.slice(0, -3);
  const bareBelow = withDependencies && rest.endsWith("^");
  if (bareBelow) rest = rest.slice(0, -1);
  const withDependents = rest.startsWith("...");
  if (withDependents) rest = rest.slice(3);
  const bareAbove = withDependents && rest.startsWith("^");
  if (bareAbove) rest = rest.slice(1);
  const withoutSelf = bareBelow || bareAbove;
  const common = { text, exclude, withDependencies, withDependents, withoutSelf };
  if (path.test(rest)) {
    return { ...common, name: null, directory: rest, range: null, changedBelow: false };
  }
  const { name, directory, range, below } = parts.exec(rest)?.groups ?? {};
  const nothing = name === undefined && directory === undefined && range === undefined;
  if (nothing || (below !== undefined && (range === undefined || (name ?? directory) === undefined))) {
    return badFilter(text);
  }
  return {
    ...common,
    name: name ?? null,
    directory: directory ?? null,
    range: range ?? null,
    changedBelow: below !== undefined,
  };
}

/** The git ranges that the filters name; each needs its affected packages before the filters can be applied. */
export function rangesOf(filters: readonly string[]): string[] {
  const ranges = filters.map(readFilter).flatMap((one) => ("code" in one ? [] : (one.range ?? [])));
  return [...new Set(ranges)];
}

function badFilter(text: string): Problem {
  return {
    code: "cli/bad-argument",
    message: `The filter "${text}" cannot be read.`,
    hint: "A filter is a name, {directory} or [git range], with ... before it for its dependents and behind it for its dependencies.",
  };
}
