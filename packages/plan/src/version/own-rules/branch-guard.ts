import { UserError, type Problem } from "@slipway/kernel";
import picomatch from "picomatch";
import { satisfies, validRange } from "semver";
import type { BranchSettings } from "../../settings/types.ts";
import type { Bump, PackageBump } from "../types.ts";

/** What a maintenance branch may release. */
export interface MaintenanceBranch {
  readonly branch: string;
  /** Null: no package is held in a range. */
  readonly range: string | null;
  readonly maxBump: Exclude<Bump, "none"> | null;
  readonly distTag: string;
}

/** `1.x`, `1.2.x`, `v1.x`, `release-1.x`, `release/1.2.x`. Source: the default branches of semantic-release. */
const BY_NAME = /^(?:(?:release|releases|maintenance|support)[/-])?v?(\d+(?:\.\d+)?\.x)$/;

/**
 * The rules for a branch: those that slipway.json has for it, else what its name says. Null: it is no maintenance branch.
 *
 * @throws UserError `config/malformed` for a range that is none
 */
export function maintenanceBranch(
  branch: string | null,
  settings: Readonly<Record<string, false | BranchSettings>>,
  baseBranch: string,
): MaintenanceBranch | null {
  if (branch === null) return null;
  const named = Object.entries(settings).find(
    ([glob]) => glob === branch || picomatch.isMatch(branch, glob),
  )?.[1];
  if (named === false) return null;
  const byName = BY_NAME.exec(branch)?.[1] ?? null;
  if (named === undefined && (byName === null || branch === baseBranch)) return null;
  const range = named?.range ?? byName;
  if (range !== null && validRange(range) === null) {
    const message = `"changesets.branches.${branch}.range" has to be a range of versions, not "${range}"`;
    throw UserError.of([{ code: "config/malformed", message, file: "slipway.json" }]);
  }
  const distTag = named?.distTag ?? `release-${byName ?? branch.replaceAll(/[^\w.-]+/g, "-")}`;
  return { branch, range, maxBump: named?.maxBump ?? null, distTag };
}

const LEVELS: readonly Bump[] = ["none", "patch", "minor", "major"];

/** @throws UserError `version/beyond-branch` with every bump that goes too far */
export function guardBranch(bumps: readonly PackageBump[], rules: MaintenanceBranch | null): void {
  const problems = beyondBranch(bumps, rules);
  if (problems.length > 0) throw UserError.of(problems);
}

/**
 * A package that is in the branch's range may not leave it, and none may get more than its largest bump: what lies
 * beyond is released, or will be, from another branch.
 */
export function beyondBranch(
  bumps: readonly PackageBump[],
  rules: MaintenanceBranch | null,
): readonly Problem[] {
  if (!rules) return [];
  return bumps.flatMap((bump) => {
    const what = beyond(bump, rules);
    if (what === null) return [];
    const cause = bump.because.flatMap((each) => (each.kind === "changeset" ? [each.changeset] : []))[0];
    const problem: Problem = {
      code: "version/beyond-branch",
      message: `${bump.package} would go from ${bump.from} to ${bump.to}, ${what}`,
      hint: `release it from another branch, or change "changesets.branches" in slipway.json for "${rules.branch}"`,
      ...(cause === undefined ? {} : { file: `.changeset/${cause}.md` }),
    };
    return [problem];
  });
}

function beyond(
  { from, to, bump }: PackageBump,
  { branch, range, maxBump }: MaintenanceBranch,
): string | null {
  const within = (version: string) => satisfies(version, range ?? "*", { includePrerelease: true });
  if (range !== null && within(from) && !within(to)) return `and the branch ${branch} releases ${range} only`;
  if (maxBump !== null && LEVELS.indexOf(bump) > LEVELS.indexOf(maxBump))
    return `a ${bump}, and the branch ${branch} releases at most a ${maxBump}`;
  return null;
}
