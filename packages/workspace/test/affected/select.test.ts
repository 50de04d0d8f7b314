import { rangesOf, select, type Selection } from "@slipway/workspace";
import { describe, expect, test } from "vitest";
import { sketched } from "./sketch.ts";

/**
 * `a -> b -> c` and `d -> b`, as in the documentation of both tools that have this language; `@x/e` stands alone.
 * Each row: filters, and the packages that they choose.
 */
const filterCases: readonly (readonly [readonly string[], readonly string[]])[] = [
  [["b"], ["b"]],
  [["b..."], ["b", "c"]],
  [["b^..."], ["c"]],
  [["...b"], ["a", "b", "d"]],
  [["...^b"], ["a", "d"]],
  [["...b..."], ["a", "b", "c", "d"]],
  [["...c..."], ["a", "b", "c", "d"]],
  [
    ["a", "d"],
    ["a", "d"],
  ],
  [["b...", "!c"], ["b"]],
  [["!b"], ["a", "c", "d", "@x/e"]],
  [["!...b"], ["c", "@x/e"]],
  [["*"], ["//", "a", "b", "c", "d", "@x/e"]],
  [["@x/*"], ["@x/e"]],
  [["@x*"], ["@x/e"]],
  [["e"], ["@x/e"]],
  [["e..."], ["@x/e"]],
  [["{packages/lib/b}"], ["b"]],
  [["./packages/lib/b"], ["b"]],
  [["./packages/lib"], []],
  [["{packages/lib/**}"], ["b", "c"]],
  [["...^b^..."], ["a", "b", "c", "d"]],
  [["{packages/*}"], ["a", "d", "@x/e"]],
  [["./packages/*"], ["a", "d", "@x/e"]],
  [["./packages/**"], ["a", "b", "c", "d", "@x/e"]],
  [["...{packages/lib/b}"], ["a", "b", "d"]],
  [["c{packages/lib/*}"], ["c"]],
  [["a{packages/lib/*}"], []],
  [["!{packages/lib/*}"], ["a", "d", "@x/e"]],
  [["[main]"], ["b"]],
  [["...[main]"], ["a", "b", "d"]],
  [["[main]..."], ["b", "c"]],
  [["a...[main]"], ["a"]],
  [["a[main]"], []],
  [["{packages/lib/*}[main]"], ["b"]],
  [["tag:ui"], ["a", "@x/e"]],
  [["...tag:core"], ["a", "b", "c", "d"]],
  [["//"], ["//"]],
];

test.each(filterCases)("--filter %j chooses %j", (filters, names) => {
  expect(chosen({ filters })).toEqual(names);
});

/** nx's matcher; each row: `-p`, `--exclude`, and what is left. */
const projectCases: readonly (readonly [readonly string[], readonly string[], readonly string[]])[] = [
  [["a,d"], [], ["a", "d"]],
  [["tag:ui"], [], ["a", "@x/e"]],
  [["*"], ["tag:ui"], ["b", "c", "d"]],
  [["packages/lib/*"], [], ["b", "c"]],
  [["directory:packages/d"], [], ["d"]],
  [["!tag:ui"], [], ["b", "c", "d"]],
  [["a,b,!a"], [], ["b"]],
  [["@x/*"], [], ["@x/e"]],
  [[], ["b,c"], ["//", "a", "d", "@x/e"]],
];

test.each(projectCases)("-p %j --exclude %j chooses %j", (projects, exclude, names) => {
  expect(chosen({ projects, exclude })).toEqual(names);
});

describe("without a filter", () => {
  test("everything is meant at the root, and in a directory that belongs to it", () => {
    expect(chosen({})).toBeNull();
    expect(chosen({ cwd: "docs" })).toBeNull();
  });

  test("the packages below the current directory are meant above them", () => {
    expect(chosen({ cwd: "packages/lib" })).toEqual(["b", "c"]);
  });

  test("the package of the current directory is meant inside of one", () => {
    const result = select(workspace, { ...nothing, cwd: "packages/lib/b/src" });
    expect(result).toMatchObject({
      ok: true,
      value: [{ name: "b", because: [{ kind: "directory", dir: "packages/lib/b" }] }],
    });
  });
});

describe("--affected", () => {
  const affected = { base: "main", packages: nothingChangedBut("b") };

  test("keeps what is affected, with the reason", () => {
    const result = select(workspace, { ...nothing, affected });
    expect(result.ok && result.value).toEqual([
      { name: "b", because: [{ kind: "affected", base: "main", path: "packages/lib/b/x.ts" }] },
    ]);
  });

  test("and a filter keep what both choose", () => {
    expect(chosen({ affected, filters: ["a", "b"] })).toEqual(["b"]);
  });

  test("keeps everything when what changed is not known", () => {
    expect(chosen({ affected: { base: "main", packages: null }, cwd: "packages/a" })).toHaveLength(6);
  });
});

describe("a filter that nothing matches", () => {
  test("by name is a mistake, with the name that was meant", () => {
    const result = select(workspace, { ...nothing, filters: ["@x/f", "bb"] });
    expect(result.ok ? [] : result.problems.map(({ code, hint }) => [code, hint])).toEqual([
      ["package/unknown", 'Did you mean "@x/e"?'],
      ["package/unknown", 'Did you mean "b"?'],
    ]);
  });

  test("by directory is a mistake, unless there are packages below it", () => {
    const nowhere = select(workspace, { ...nothing, filters: ["./nowhere"] });
    expect(nowhere).toMatchObject({ ok: false, problems: [{ code: "package/unknown" }] });
    const above = select(workspace, { ...nothing, filters: ["./packages/lib"] });
    expect(above).toMatchObject({
      ok: true,
      value: [],
      warnings: [{ hint: "Those below it are ./packages/lib/**." }],
    });
  });

  test("because it cannot be read is a mistake", () => {
    for (const filters of [["{}["], ["a]"], ["!"], ["..."], ["...[main"]]) {
      expect(select(workspace, { ...nothing, filters })).toMatchObject({
        ok: false,
        problems: [{ code: "cli/bad-argument" }],
      });
    }
  });
});

test("directories count from the current one", () => {
  expect(chosen({ filters: ["./b"], cwd: "packages/lib" })).toEqual(["b"]);
  expect(chosen({ filters: ["{../a}"], cwd: "packages/lib" })).toEqual(["a"]);
  expect(chosen({ filters: ["."], cwd: "packages/lib/c" })).toEqual(["c"]);
});

test("the git ranges of filters are found for the caller to look up", () => {
  expect(rangesOf(["[main]", "a...[v1...v2]", "b", "...[main]"])).toEqual(["main", "v1...v2"]);
});

const workspace = sketched({
  packages: {
    "//": { dir: "" },
    a: { dir: "packages/a", needs: ["b"], tags: ["ui"] },
    b: { dir: "packages/lib/b", needs: ["c"] },
    c: { dir: "packages/lib/c", tags: ["core"] },
    d: { dir: "packages/d", needs: ["b"] },
    "@x/e": { dir: "packages/e", tags: ["ui"] },
  },
});

const nothing: Selection = {
  filters: [],
  projects: [],
  exclude: [],
  cwd: "",
  changed: { main: nothingChangedBut("b") },
  affected: null,
};

function nothingChangedBut(name: string) {
  return [{ name, because: [{ kind: "file", path: `packages/lib/${name}/x.ts` }] as const }];
}

function chosen(selection: Partial<Selection>): readonly string[] | null {
  const result = select(workspace, { ...nothing, ...selection });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value?.map(({ name }) => name) ?? null;
}
