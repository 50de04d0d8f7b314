import { describe, expect, test } from "vitest";
import { commentMark, prComment } from "../../src/report/pr-comment.ts";

const facts = { bumps: [], missing: [], added: [], newFile: null, fileName: "brave-otters-swim" };

describe("the comment of a pull request", () => {
  test("starts with the mark by which it is found again", () => {
    expect(prComment(facts).split("\n")[0]).toBe(commentMark);
  });

  test("shows each package with its bump and versions, and notifies nobody by a scope's @", () => {
    const bump = { package: "@s/core", from: "1.0.0", to: "1.1.0", bump: "minor" as const, because: [] };
    const text = prComment({ ...facts, bumps: [bump], added: ["some-words"] });
    expect(text).toContain("| `@\u200Bs/core` | minor | 1.0.0 → 1.1.0 |");
  });

  test("names what is missing, the command that mends it, and a link that opens the file ready to be saved", () => {
    const newFile = { server: "https://github.example", repository: "o/r", branch: "a/branch" };
    const text = prComment({ ...facts, missing: ["core"], newFile });
    expect(text).toContain("named by no changeset: `core`");
    expect(text).toContain("slipway change --package core --bump patch");
    expect(text).toContain(
      "https://github.example/o/r/new/a%2Fbranch?filename=.changeset%2Fbrave-otters-swim.md&value=",
    );
  });

  test("lets no name break out of its code or its table row", () => {
    const text = prComment({ ...facts, missing: ["a`|\n<script>"] });
    expect(text).toContain("`a<script>`");
    expect(text.split("\n").filter((line) => line.startsWith("```"))).toHaveLength(2);
  });
});
