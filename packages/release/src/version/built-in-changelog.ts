import type { ChangelogGenerator } from "./ports.ts";

/** The lines of `@changesets/cli/changelog` and `@changesets/changelog-git`, which are the same. */
export const builtInChangelog: ChangelogGenerator = {
  releaseLine: async (changeset) => {
    const [first = "", ...others] = changeset.summary.split("\n").map((line) => line.trimEnd());
    const commit = changeset.commit === undefined ? "" : `${changeset.commit.slice(0, 7)}: `;
    return [`- ${commit}${first}`, ...others.map((line) => `  ${line}`)].join("\n");
  },
  dependencyLine: async (changesets, dependencies) => {
    if (dependencies.length === 0) return "";
    const links = changesets.map(({ commit }) => {
      return `- Updated dependencies${commit === undefined ? "" : ` [${commit.slice(0, 7)}]`}`;
    });
    return [...links, ...dependencies.map((each) => `  - ${each.name}@${each.newVersion}`)].join("\n");
  },
};
