import {
  changesetsFromCommits,
  conventionalChanges,
  defaultCommitTypes,
  defaultSettings,
} from "@slipway/plan";
import type { Bump, Changeset } from "@slipway/plan";
import { describe, expect, test } from "vitest";

const packages = ["@acme/core", "@acme/web", "@acme/tools"].map((name) => {
  const dir = `packages/${name.slice("@acme/".length)}`;
  return { name, dir, manifest: { name, version: "1.0.0", private: name === "@acme/tools" } };
});

/** What comes of commits, oldest first: their message, and the files that they touch. */
function told(
  commits: readonly (readonly [message: string, ...files: readonly string[]])[],
  more: { readonly changesets?: readonly Changeset[]; readonly told?: ReadonlyMap<string, Bump> } = {},
): readonly string[] {
  const changesets = changesetsFromCommits({
    packages,
    settings: defaultSettings(3),
    unreleasedFiles: [],
    types: defaultCommitTypes,
    changesets: [],
    told: new Map(),
    commits: commits.map(([message, ...files], at) => ({
      hash: `${at}`.repeat(40),
      message,
      files: files.map((path) => ({ path })),
    })),
    ...more,
  });
  return changesets.map(({ id, summary, releases }) => {
    const named = releases.map(({ name, type }) => `${name} ${type}`).join(", ");
    return `${id}: ${named}: ${summary}`;
  });
}

const core = "packages/core/src/index.ts";
const web = "packages/web/src/index.ts";

describe("a conventional commit", () => {
  test.each([
    ["feat: dark mode", "minor", "Dark mode"],
    ["fix: a leak (#12)", "patch", "A leak"],
    ["perf(core): less work", "patch", "Less work"],
    ["fix!: other defaults", "major", "Other defaults"],
    ["feat: x\n\nBREAKING CHANGE: use y,\nnot x\n\nRefs: #1", "major", "X\n\nuse y,\nnot x"],
    ["chore!: node 24", "major", "Node 24"],
  ])("%j is a %s", (message, bump, summary) => {
    expect(told([[message, core]])).toEqual([`commit-0000000000: @acme/core ${bump}: ${summary}`]);
  });

  test.each(["docs: a page", "chore(core): tidy", "Update things", "feat:no space", "merge: x"])(
    "%j asks for no release",
    (message) => {
      expect(told([[message, core]])).toEqual([]);
    },
  );

  test("is about the package that its scope names, else about those whose released files it touches", () => {
    expect(told([["feat(web): x", core, web]])).toEqual(["commit-0000000000: @acme/web minor: X"]);
    expect(told([["feat(core,web): x", core]])).toEqual([
      "commit-0000000000: @acme/core minor, @acme/web minor: X",
    ]);
    expect(told([["feat(api): x", core, "packages/web/test/a.test.ts"]])).toEqual([
      "commit-0000000000: @acme/core minor: X",
    ]);
    expect(
      told([
        ["feat(tools): x", "packages/tools/index.js"],
        ["feat: x", "README.md"],
      ]),
    ).toEqual([]);
  });

  test("is told by the items of its body where its subject is a forge's", () => {
    const message = "Many things (#7)\n\n* feat(web): one\n\n* chore: two\n\n* fix(core): three";
    expect(told([[message, core, web]])).toEqual([
      "commit-0000000000-1: @acme/web minor: One",
      "commit-0000000000-3: @acme/core patch: Three",
    ]);
    expect(told([["fix: all (#7)\n\n* fix: one\n* feat!: two", core]])).toEqual([
      "commit-0000000000: @acme/core major: All\n\nTwo",
    ]);
  });
});

describe("what is not repeated:", () => {
  test("a commit and the one that reverts it", () => {
    const revert = `Revert "feat: x"\n\nThis reverts commit ${"0".repeat(40)}.`;
    expect(
      told([
        ["feat: x", core],
        [revert, core],
      ]),
    ).toEqual([]);
    const again = `Revert "Revert "feat: x""\n\nThis reverts commit ${"1".repeat(40)}.`;
    expect(
      told([
        ["feat: x", core],
        [revert, core],
        [again, core],
      ]),
    ).toEqual(["commit-0000000000: @acme/core minor: X"]);
  });

  test("but the revert of what was released is a change", () => {
    const revert = `Revert "feat(core): x (#3)"\n\nThis reverts commit ${"f".repeat(40)}.`;
    expect(told([[revert, core]])).toEqual(["commit-0000000000: @acme/core patch: Revert: X"]);
  });

  test("a commit that brings a changeset itself", () => {
    expect(told([["feat: x", core, ".changeset/odd-owls-sing.md"]])).toEqual([]);
  });

  test("what an earlier call wrote, and what a changeset of the branch says as loudly", () => {
    const changesets = [{ id: "commit-0000000000", summary: "Edited", releases: [] }];
    expect(told([["feat: x", core]], { changesets })).toEqual([]);
    const told1 = new Map<string, Bump>([["@acme/core", "minor"]]);
    expect(
      told(
        [
          ["feat: x", core, web],
          ["feat!: y", core],
        ],
        { told: told1 },
      ),
    ).toEqual(["commit-0000000000: @acme/web minor: X", "commit-1111111111: @acme/core major: Y"]);
  });
});

test("footers end what a breaking change says", () => {
  const [change] = conventionalChanges("feat: x\n\nBREAKING-CHANGE: one\ntwo\nReviewed-by: Z");
  expect(change?.breaking).toBe("one\ntwo");
});
