import { parseChangesetFile } from "@changesets/parse";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readChangeset } from "../../src/index.ts";

const read = (text: string) => readChangeset({ path: ".changeset/some-words.md", text });

/** A text, the line that is to blame, and what is said about it. */
const malformed = [
  ["", 1, "is empty"],
  ["just words\n", 1, "has no front matter"],
  ['---\n"a": patch\n', 1, "has no front matter"],
  ['---\n"a": patch\n"b": huge\n---\nwords\n', 3, 'gives "b" the bump "huge"'],
  ['---\n"a": 1\n---\nwords\n', 2, 'gives "a" the bump 1'],
  ['---\n"a": patch\n"a": minor\n---\nwords\n', 3, 'names "a" more than once'],
  ["---\n- a\n- b\n---\nwords\n", 1, "must map package names to bumps"],
  ['---\n"a": patch\n---\n<<<<<<< HEAD\none\n=======\nother\n>>>>>>> branch\n', 4, "merge conflict"],
  ["---\n@scope/a: patch\n---\nwords\n", 2, "has front matter that is not YAML"],
] as const;

describe("a malformed changeset is named with its line and what is wrong:", () => {
  test.each(malformed)("%j", async (text, line, message) => {
    const result = await read(text);
    if (result.ok) throw new Error("it was read");
    expect(result.problems[0]).toMatchObject({
      code: "changeset/malformed",
      file: ".changeset/some-words.md",
      line,
    });
    expect(result.problems[0]?.message).toContain(message);
  });

  test("all bumps that are wrong are named at once", async () => {
    const result = await read('---\n"a": big\n"b": patch\n"c": small\n---\n');
    expect(result.ok ? [] : result.problems.map(({ line }) => line)).toEqual([2, 4]);
  });
});

describe("what Changesets reads, is read the same:", () => {
  test.each([
    '---\n"a": patch\n---\n\nwords\n',
    "---\n---\n",
    "\n\n---\na: minor\n---\nwords\n\n---\n\nmore",
    "---\r\n'a': none\r\n---\r\nwords\r\n",
    '---\n"__proto__": patch\n---\nwords',
    '---\n# a comment\n"a": patch # why\n---\nwords',
    '---\n{"a": "major"}\n---\nwords',
  ])("%j", async (text) => {
    const result = await read(text);
    const { releases, summary } = parseChangesetFile(text);
    expect(result).toMatchObject({ ok: true, value: { id: "some-words", releases, summary } });
  });

  test("whatever packages, bumps and words a changeset holds", async () => {
    const name = fc.stringMatching(/^(@[a-z][a-z0-9-]*\/)?[a-z][a-z0-9._-]*$/);
    const bump = fc.constantFrom("major", "minor", "patch", "none");
    const quote = fc.constantFrom('"', "'");
    const text = fc
      .tuple(
        fc.dictionary(name, bump, { maxKeys: 4, noNullPrototype: true }),
        fc.string(),
        quote,
        fc.constantFrom("\n", "\r\n"),
      )
      .map(([releases, words, q, newline]) =>
        [
          "---",
          ...Object.entries(releases).map(([each, type]) => `${q}${each}${q}: ${type}`),
          "---",
          "",
          words,
          "",
        ].join(newline),
      );
    await fc.assert(
      fc.asyncProperty(text, async (each) => {
        const result = await read(each);
        expect(result.ok && result.value).toMatchObject({ id: "some-words", ...parseChangesetFile(each) });
      }),
      { seed: 20_261_123, numRuns: 200 },
    );
  });
});
