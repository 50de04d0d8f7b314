import { didYouMean, UserError, type Problem } from "@slipway/kernel";
import { versionOf } from "./assemble.ts";
import { edgesOf } from "./edges.ts";
import type { Move } from "./new-range.ts";
import { satisfies, validRange } from "./ranges.ts";
import type { Changeset, VersionedPackage, VersionInput } from "./types.ts";

export interface Sorted {
  readonly changesets: readonly Changeset[];
  readonly left: readonly Problem[];
  /** By changeset: `keep` when its file stays as it is, else the releases that stay pending in it. */
  readonly rest: ReadonlyMap<string, Changeset["releases"] | "keep">;
}

/**
 * Changesets refuses a file that names a skipped package beside one that is not; here the rest of it is planned. What
 * was skipped by `ignore` stays in the file; what has no versions at all (a private package that is not versioned) goes.
 *
 * @throws UserError `changeset/unknown-package` with all names that no package has
 */
export function withoutSkipped(input: VersionInput): Sorted {
  const byName = new Map(input.packages.map((each) => [each.name, each]));
  const unknown = unknownPackages(input);
  if (unknown.length > 0) throw UserError.of(unknown);
  const rest = new Map<string, Changeset["releases"] | "keep">();
  const left: Problem[] = [];
  const changesets = input.changesets.map((changeset) => {
    const skipped = changeset.releases.filter(({ name }) => whySkipped(byName.get(name), input) !== null);
    if (skipped.length === 0) return changeset;
    if (skipped.length === changeset.releases.length) {
      rest.set(changeset.id, "keep");
      return changeset;
    }
    const ignored = skipped.filter(({ name }) => input.settings.ignore.includes(name));
    rest.set(changeset.id, ignored);
    left.push(...skipped.map(({ name }) => leftOut(changeset, name, input)));
    return { ...changeset, releases: changeset.releases.filter((release) => !skipped.includes(release)) };
  });
  return { changesets, left, rest };
}

/** Why a package gets no version of its own, or null when it does. */
export function whySkipped(
  each: VersionedPackage | undefined,
  input: Pick<VersionInput, "settings">,
): string | null {
  if (!each) return null;
  if (input.settings.ignore.includes(each.name)) return "it is ignored";
  if (each.manifest["private"] && !input.settings.privatePackages.version)
    return "private packages are not versioned here";
  return versionOf(each) === null ? "it has no version" : null;
}

function leftOut(changeset: Changeset, name: string, input: VersionInput): Problem {
  const each = input.packages.find((candidate) => candidate.name === name);
  const ignored = input.settings.ignore.includes(name);
  return {
    code: "changeset/mixed",
    message: `${name} is left out: ${whySkipped(each, input)}`,
    ...placeOf(changeset, name),
    hint: ignored
      ? "its line stays in the changeset until the package is no longer ignored"
      : 'set "privatePackages": { "version": true } in .changeset/config.json to version private packages',
  };
}

function placeOf({ id, lines }: Changeset, name: string): Pick<Problem, "file" | "line"> {
  const line = lines?.[name];
  return { file: `.changeset/${id}.md`, ...(line === undefined ? {} : { line }) };
}

/**
 * Changesets refuses a release of a package that depends on one which is skipped: users would get the dependency as it
 * was. Here it is released and named.
 */
export function leftBehind(moves: readonly Move[], input: VersionInput): readonly Problem[] {
  const byName = new Map(input.packages.map((each) => [each.name, each]));
  const skipped = new Map(input.packages.map((each) => [each.name, whySkipped(each, input)]));
  return moves.flatMap((move) => {
    const each = byName.get(move.name);
    if (!each || each.manifest["private"] || move.type === "none") return [];
    const edges = edgesOf(each, input).filter((edge) => edge.field !== "devDependencies");
    return [...new Set(edges.map(({ to }) => to))].flatMap((name): Problem[] => {
      const why = skipped.get(name);
      const message = `${move.name} is released, but ${name}, which it depends on, is not: ${why}`;
      const file = each.dir === "" ? "package.json" : `${each.dir}/package.json`;
      return why ? [{ code: "changeset/skipped-dependency", message, file }] : [];
    });
  });
}

/**
 * Changesets 2 refuses a dependency that the workspace's own version does not fit, or that is taken from a folder. Here
 * the rest is planned: nobody follows along such a dependency, and each one that would is named.
 */
export function notFollowed(moves: readonly Move[], input: VersionInput): readonly Problem[] {
  if (input.settings.bumpVersionsWithWorkspaceProtocolOnly) return [];
  const released = new Map(moves.filter(({ type }) => type !== "none").map((move) => [move.name, move]));
  const versions = new Map(input.packages.map((each) => [each.name, versionOf(each)]));
  return input.packages.flatMap((each) =>
    edgesOf(each, input).flatMap(({ to, field, range }): Problem[] => {
      const move = released.get(to);
      const current = versions.get(to);
      if (!move || !current || field === "devDependencies") return [];
      const why = whyNotFollowed(range, current);
      if (why === null) return [];
      const message = `${each.name} does not follow ${to} to ${move.newVersion}: ${why}`;
      const file = each.dir === "" ? "package.json" : `${each.dir}/package.json`;
      return [{ code: "changeset/skipped-dependency", message, file }];
    }),
  );
}

function whyNotFollowed(range: string, current: string): string | null {
  if (/^(?:link|file|portal):/.test(range)) return `it takes it from a folder (${range})`;
  if (validRange(range) === null || satisfies(current, range)) return null;
  return `its range ${range} does not fit the ${current} of this workspace`;
}

/** The package of the same name under another scope, or without one. */
function renamed(name: string, byName: ReadonlyMap<string, VersionedPackage>): string | undefined {
  const same = [...byName.keys()].filter((each) => unscoped(each) === unscoped(name));
  return same.length === 1 ? same[0] : undefined;
}

function unscoped(name: string): string {
  return name.replace(/^@[^/]+\//, "");
}

/** Names in changesets that no package has. */
export function unknownPackages({
  changesets,
  packages,
}: Pick<VersionInput, "changesets" | "packages">): readonly Problem[] {
  const byName = new Map(packages.map((each) => [each.name, each]));
  return changesets.flatMap((changeset) =>
    changeset.releases
      .filter(({ name }) => !byName.has(name))
      .map(({ name }): Problem => {
        const guess = renamed(name, byName) ?? didYouMean(name, byName.keys());
        const hint = guess
          ? `did you mean "${guess}"?`
          : "correct the name, or take the line out if the package is gone";
        return {
          code: "changeset/unknown-package",
          message: `"${name}" is no package of this workspace`,
          ...placeOf(changeset, name),
          hint,
        };
      }),
  );
}
