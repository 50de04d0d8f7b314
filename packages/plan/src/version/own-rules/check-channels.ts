import { UserError, type Problem } from "@slipway/kernel";
import { declaredEdges } from "../edges.ts";
import type { Move } from "../new-range.ts";
import type { VersionInput } from "../types.ts";

/** @throws UserError when channels go together neither with pre mode nor with groups of one version */
export function checkChannels({ rules, preState, settings, packages }: VersionInput): void {
  const channels = rules?.channels ?? {};
  const on = Object.keys(channels);
  if (on.length === 0) return;
  if (preState)
    throw new UserError(
      "version/pre-mode",
      `the whole repository is in pre mode, and so can't ${on[0]} be alone`,
      {
        hint: "leave pre mode with `slipway pre exit`, or the channel with `slipway pre exit --package NAME`",
      },
    );
  const names = new Set(packages.map(({ name }) => name));
  const unknown = on
    .filter((name) => !names.has(name))
    .map((name): Problem => {
      const message = `"changesets.channels" names "${name}", which is no package of this workspace`;
      return { code: "config/malformed", message, file: "slipway.json" };
    });
  const parted = [...settings.fixed, ...settings.linked]
    .filter(
      (group) => new Set(group.map((name) => (Object.hasOwn(channels, name) ? channels[name] : ""))).size > 1,
    )
    .map((group): Problem => {
      const message = `"changesets.channels" parts a group that shares its versions: ${group.join(", ")}`;
      return { code: "config/malformed", message, file: "slipway.json" };
    });
  if (unknown.length + parted.length > 0) throw UserError.of([...unknown, ...parted]);
}

/** Releases whose users would meet a prerelease that they did not ask for, or not get the one that they need. */
export function acrossChannels(moves: readonly Move[], input: VersionInput): readonly Problem[] {
  const channels = input.rules?.channels ?? {};
  const byName = new Map(input.packages.map((each) => [each.name, each]));
  return moves.flatMap((move) => {
    const each = byName.get(move.name);
    if (!each || Object.hasOwn(channels, move.name) || move.type === "none") return [];
    const edges = declaredEdges(each, input).filter(({ field }) => field !== "devDependencies");
    return edges.flatMap(({ to, range }): Problem[] => {
      const tag = Object.hasOwn(channels, to) ? channels[to] : undefined;
      if (tag === undefined) return [];
      const gets = range.startsWith("workspace:")
        ? `the prerelease of ${to} that stands here`
        : `a ${to} that fits ${range}`;
      return [
        {
          code: "changeset/skipped-dependency",
          message: `${move.name} is released, but ${to}, which it depends on, is on the channel "${tag}": its users get ${gets}`,
          file: each.dir === "" ? "package.json" : `${each.dir}/package.json`,
        },
      ];
    });
  });
}
