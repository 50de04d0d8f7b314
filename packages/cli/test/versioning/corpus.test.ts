import { describe, expect, test } from "vitest";
import { knownDifferences } from "../../../../tools/prove/corpus/known-differences.ts";
import { readCorpus, replay, repositories } from "../../../../tools/prove/version-corpus.ts";

/** Every release that is not known to differ, in turns: one of eight. */
const slice = repositories.flatMap((repository) =>
  readCorpus(repository)
    .filter((release) => knownDifferences[release.commit.slice(0, 10)] === undefined)
    .filter((_, at) => at % 8 === 0)
    .map((release) => ({ name: `${release.repo} ${release.commit.slice(0, 10)}`, release })),
);

describe.each([2, 3] as const)(
  "by the rules of Changesets %i, real releases come out as they were made:",
  (generation) => {
    test.each(slice)("$name", async ({ release }) => {
      expect(await replay(release, generation)).toEqual([]);
    });
  },
);

test("a release whose repository edited ranges by a script of its own is told apart, not hidden", async () => {
  const [edited] = readCorpus("xstate").filter((release) => release.commit.startsWith("12bde7a3ff"));
  if (!edited) throw new Error("the corpus has lost a release");
  expect(await replay(edited, 2)).not.toEqual([]);
});
