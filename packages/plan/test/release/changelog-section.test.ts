import { changelogSection } from "@slipway/plan";
import { expect, test } from "vitest";

test("a version's section ends at the next heading of its depth, and code is no heading", () => {
  const text =
    "# a\r\n\r\n## 1.1.0\r\n\r\n### Minor\r\n\r\n```sh\r\n## no heading\r\n```\r\n\r\n## 1.0.0\r\n\r\nold\r\n";
  expect(changelogSection(text, "1.1.0")).toBe("### Minor\n\n```sh\n## no heading\n```");
  expect(changelogSection(text, "1.0.0")).toBe("old");
});

test("headings with links, days and names are understood; a prerelease or a longer number is another version", () => {
  for (const heading of ["## [1.0.0](https://x.test)", "## v1.0.0 (2026-01-02)", "### @acme/a@1.0.0"])
    expect(changelogSection(`# a\n\n${heading}\n\ntold`, "1.0.0"), heading).toBe("told");
  expect(changelogSection("## 1.0.0-beta.1\n\nx\n\n## 11.0.0\n\ny", "1.0.0")).toBeNull();
});
