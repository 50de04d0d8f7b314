import { changelogEntry } from "@slipway/plan";
import { expect, test } from "vitest";

test.each([
  [2, "below", "## 1.1.0\n\n_2026-01-02_\n\n### Minor Changes\n\n- More"],
  [2, "heading", "## 1.1.0 (2026-01-02)\n\n### Minor Changes\n\n- More"],
  [3, "below", "## 1.1.0\n\n_2026-01-02_\n\n### Minor Changes\n\n- More"],
  [3, "heading", "## 1.1.0 (2026-01-02)\n\n### Minor Changes\n\n- More"],
] as const)("in generation %s the day of a release stands %s", (generation, where, expected) => {
  const date = { day: "2026-01-02", where };
  const lines = { version: "1.1.0", date, major: [], minor: ["- More"], patch: [] };
  expect(changelogEntry(lines, generation, true)).toBe(expected);
});
