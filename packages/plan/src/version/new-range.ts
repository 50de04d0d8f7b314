import { inc, prerelease } from "semver";
import { rangeOf, satisfies, validRange } from "./ranges.ts";
import type { Bump, DependencyField, Generation, VersionSettings } from "./types.ts";

export const dependencyFields: readonly DependencyField[] = [
  "dependencies",
  "devDependencies",
  "peerDependencies",
  "optionalDependencies",
];

/** One package's way from its old to its new version; `none`: it is in the plan for its ranges only. */
export interface Move {
  readonly name: string;
  readonly dir: string;
  readonly type: Bump;
  readonly oldVersion: string;
  readonly newVersion: string;
  readonly changesets: readonly string[];
}

export interface RangeRules {
  readonly generation: Generation;
  readonly settings: VersionSettings;
  readonly snapshot: boolean;
}

/**
 * Whether a release takes up its dependency's new version: always when the range would not let it in; otherwise when
 * the dependency's bump is large enough for `updateInternalDependencies`.
 * Source: shouldUpdateDependencyBasedOnConfig in @changesets/apply-release-plan.
 */
export function takesUp(
  declared: { readonly range: string; readonly field: DependencyField },
  move: Move,
  settings: VersionSettings,
): boolean {
  let { range } = declared;
  if (range.startsWith("workspace:")) {
    range = range.slice("workspace:".length);
    if (range === "*") return true;
    if (range === "^" || range === "~") range = `${range}${move.oldVersion}`;
    else if (validRange(range) === null) return normalized(range) === move.dir;
  }
  if (!satisfies(move.newVersion, range)) return true;
  if (declared.field === "peerDependencies") return !settings.onlyUpdatePeerDependentsWhenOutOfRange;
  return LEVELS.indexOf(move.type) >= LEVELS.indexOf(settings.updateInternalDependencies);
}

const LEVELS: readonly Bump[] = ["none", "patch", "minor", "major"];

/** The range to write in place of the declared one, or null where it stays as it is. */
export function newRange(
  declared: { readonly range: string; readonly field: DependencyField },
  move: Move,
  rules: RangeRules,
): string | null {
  const { range } = declared;
  if (rules.generation === 3 && move.type === "none") return null;
  if (range === "" || range.startsWith("file:") || range.startsWith("link:")) return null;
  if (!takesUp(declared, move, rules.settings)) return null;
  const workspace = range.startsWith("workspace:");
  const bare = workspace ? range.slice("workspace:".length) : range;
  if (!workspace && rules.settings.bumpVersionsWithWorkspaceProtocolOnly) return null;
  if (validRange(bare) === null || (workspace && bare === "*")) return null;
  // `*` lets every version in except prereleases.
  if (rangeOf(bare)?.range === "" && prerelease(move.newVersion) === null) return null;
  const written = rules.snapshot ? move.newVersion : following(bare, move, rules.generation);
  return workspace ? `workspace:${written}` : written;
}

/** Keeps how a range was written: `^1.0.0` stays a caret, and in generation 3 `>=1 <2` stays a span. */
function following(range: string, move: Move, generation: Generation): string {
  return (generation === 3 ? followingSpan(range, move) : null) ?? `${prefixOf(range)}${move.newVersion}`;
}

/** Source: getNewDependencyRange in @changesets/apply-release-plan 8. */
function followingSpan(range: string, move: Move): string | null {
  if (!range.includes(">") || !range.includes("<")) return null;
  const set = rangeOf(range)?.set ?? [];
  const [comparators = []] = set.length === 1 ? set : [];
  const lower = comparators.find((each) => each.operator.startsWith(">"));
  const upper = comparators.find((each) => each.operator.startsWith("<"));
  if (comparators.length !== 2 || !lower || !upper) return null;
  const inside = satisfies(move.newVersion, upper.value) || move.type === "none";
  const bound = inside ? upper.value : `<${inc(move.newVersion, move.type)}`;
  return comparators[0] === lower ? `>=${move.newVersion} ${bound}` : `${bound} >=${move.newVersion}`;
}

function prefixOf(range: string): string {
  return /^(?:\^|~|>=|<=|>)/.exec(range)?.[0] ?? "";
}

/** `./a/../b/` -> `b/`, as path.posix.normalize has it. */
function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `${parts.join("/")}${path.endsWith("/") ? "/" : ""}`;
}
