import { expect, test } from "vitest";
import { releasedDistTag } from "../../src/journeys/release/asked-dist-tag.ts";

test("--tag is what other publishers call --channel, and both must not say two things", () => {
  expect(releasedDistTag({})).toBeNull();
  expect(releasedDistTag({ tag: "next" })).toBe("next");
  expect(releasedDistTag({ channel: "next", tag: "next" })).toBe("next");
  expect(() => releasedDistTag({ channel: "next", tag: "beta" })).toThrow(/two dist-tags/);
  expect(() => releasedDistTag({ tag: "1.0.0" })).toThrow(/^--tag "1.0.0"/);
});
