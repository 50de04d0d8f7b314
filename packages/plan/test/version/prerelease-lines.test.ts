import { describe, expect, test } from "vitest";
import { prereleaseLines } from "../../src/index.ts";

const entry = (version: string, title: string, ...items: string[]): string =>
  `## ${version}\n\n### ${title} Changes\n\n${items.map((item) => `- ${item}\n`).join("")}\n`;

describe("what prereleases told", () => {
  test.each([
    {
      title: "is gathered from all since the last release, oldest first",
      version: "2.0.0-beta.1",
      changelog: `# a\n\n${entry("2.0.0-beta.1", "Major", "newer")}${entry("2.0.0-beta.0", "Major", "older")}${entry("1.0.0", "Major", "released")}`,
      expected: [{ type: "major", lines: ["older", "newer"] }],
    },
    {
      title: "counts from the prereleases of a smaller version before, too",
      version: "1.1.0-beta.0",
      changelog: `# a\n\n${entry("1.1.0-beta.0", "Minor", "added")}${entry("1.0.1-beta.0", "Patch", "mended")}`,
      expected: [
        { type: "minor", lines: ["added"] },
        { type: "patch", lines: ["mended"] },
      ],
    },
    {
      title: "makes no greater version than the one that the prereleases were for",
      version: "1.0.1-beta.0",
      changelog: `# a\n\n${entry("1.0.1-beta.0", "Major", "a heading that somebody wrote by hand")}`,
      expected: [{ type: "patch", lines: ["a heading that somebody wrote by hand"] }],
    },
    {
      title: "is taken once, with what is indented below it, without lists of dependencies",
      version: "1.0.1-beta.1",
      changelog: `# a\r\n\r\n## 1.0.1-beta.1 (2026-01-02)\r\n\r\n### Patch Changes\r\n\r\n- one\r\n\r\n  more\r\n- Updated dependencies [abc]\r\n  - b@1.0.0\r\n\r\n${entry("1.0.1-beta.0", "Patch", "two", "two")}`,
      expected: [{ type: "patch", lines: ["two", "one\n\nmore"] }],
    },
    { title: "may be nothing", version: "1.0.1-beta.0", changelog: "# a\n\nWords\n", expected: [] },
  ])("$title", ({ version, changelog, expected }) => {
    expect(prereleaseLines(changelog, version)).toEqual(expected);
  });
});
