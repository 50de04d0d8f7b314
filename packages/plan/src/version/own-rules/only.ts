import { UserError, type PackageName, type Problem } from "@slipway/kernel";
import { edgesOf } from "../edges.ts";
import { pendingChangesets } from "../pre-state.ts";
import type { Changeset, VersionDecision, VersionInput } from "../types.ts";

export interface AskedFor {
  readonly input: VersionInput;
  /** Releases that stay pending, by the changeset that is taken in part. */
  readonly rest: ReadonlyMap<string, Changeset["releases"]>;
}

/** With `only`: the changesets without what they say about other packages. */
export function onlyAsked(input: VersionInput): AskedFor {
  const only = input.rules?.only;
  const rest = new Map<string, Changeset["releases"]>();
  if (!only) return { input, rest };
  if (input.preState) {
    throw new UserError("version/pre-mode", "in pre mode all packages get their versions together", {
      hint: "leave out --only, or leave pre mode with `slipway pre exit`",
    });
  }
  const changesets = input.changesets.flatMap((changeset) => {
    const releases = changeset.releases.filter(({ name }) => only.includes(name));
    if (releases.length === 0) return [];
    const others = changeset.releases.filter((release) => !releases.includes(release));
    if (others.length > 0) rest.set(changeset.id, others);
    return [{ ...changeset, releases }];
  });
  return { input: { ...input, changesets }, rest };
}

/**
 * A release of some packages is whole when nobody else has to follow, and when none of them may need what another one
 * has not released yet.
 *
 * @param given the input before {@link onlyAsked}
 * @throws UserError `version/not-closed` with all that is missing
 */
export function refuseUnclosed(decision: VersionDecision, given: VersionInput): void {
  const only = given.rules?.only;
  if (!only) return;
  const asked = new Set(only);
  const released = new Set(decision.bumps.map((bump) => bump.package));
  const pending = new Set(
    pendingChangesets(given).flatMap(({ releases }) =>
      releases.flatMap(({ name, type }) => (type === "none" ? [] : [name])),
    ),
  );
  const missing = new Map<PackageName, string>();
  for (const name of released) if (!asked.has(name)) missing.set(name, `${name} would have to follow`);
  for (const each of given.packages.filter(({ name }) => released.has(name) && asked.has(name))) {
    for (const { to, field } of edgesOf(each, given)) {
      if (field === "devDependencies" || asked.has(to) || missing.has(to) || !pending.has(to)) continue;
      missing.set(to, `${each.name} depends on ${to}, which has changes that are not released`);
    }
  }
  if (missing.size === 0) return;
  const whole = [...only, ...missing.keys()].join(",");
  throw UserError.of(
    [...missing.values()].map((message): Problem => {
      return { code: "version/not-closed", message, hint: `--only ${whole}` };
    }),
  );
}
