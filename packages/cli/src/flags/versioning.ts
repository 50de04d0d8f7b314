import type { Options, Values } from "../command.ts";
import type { VersioningChoices } from "../wire/load-versioning.ts";

/** Which of the two generations of Changesets to follow, for all that reads changesets. */
export const versioningFlags = {
  changesets: {
    type: "text",
    value: "MAJOR",
    choices: ["2", "3"],
    summary: "follow the rules of Changesets 2 or 3, whatever the repository says",
  },
} as const satisfies Options;

export function versioningChoices(
  options: Values<typeof versioningFlags>,
): Pick<VersioningChoices, "generation"> {
  if (options.changesets === undefined) return {};
  return { generation: options.changesets === "2" ? 2 : 3 };
}
