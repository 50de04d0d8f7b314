import { decidePromotion, soakMs, type HealthResult } from "@slipway/plan";
import { expect, test } from "vitest";

const channels = [
  { tag: "canary", soak: "2h", health: [{ command: "true" }] },
  { tag: "next", soak: "1d" },
  { tag: "latest" },
];
const hourMs = 3_600_000;

function decided(
  tag: string,
  hours: number,
  more: { results?: readonly HealthResult[]; force?: boolean } = {},
) {
  const { results = null, force = false } = more;
  return decidePromotion({
    channels,
    tags: new Set([tag]),
    sinceMs: 0,
    nowMs: hours * hourMs,
    results,
    force,
  });
}

test("a release stays for its soak time, is then checked, and goes on or back by what is found", () => {
  expect(decided("canary", 0.5)).toEqual({
    action: "wait",
    from: "canary",
    to: "next",
    leftMs: 1.5 * hourMs,
  });
  expect(decided("canary", 2)).toEqual({ action: "check", from: "canary", checks: [{ command: "true" }] });
  const well = { check: "true", fault: null };
  expect(decided("canary", 2, { results: [well] })).toMatchObject({
    action: "promote",
    to: "next",
    because: "2h on canary are over, its checks are well",
  });
  const ill = { check: "smoke", fault: "it ended with 1" };
  expect(decided("canary", 2, { results: [well, ill] })).toEqual({
    action: "rollback",
    from: "canary",
    because: "smoke: it ended with 1",
  });
});

test("nothing is checked on a channel without checks; force stops at nothing; the last channel is the end", () => {
  expect(decided("next", 23)).toMatchObject({ action: "wait", leftMs: hourMs });
  expect(decided("next", 24)).toMatchObject({
    action: "promote",
    to: "latest",
    because: "1d on next are over",
  });
  expect(decided("canary", 0, { force: true })).toMatchObject({ action: "promote", because: "forced" });
  expect(decided("latest", 0)).toEqual({ action: "done", from: "latest" });
  expect(decided("beta", 0)).toEqual({ action: "stranger" });
});

test("a soak time is in seconds, minutes, hours or days", () => {
  const times = ["5s", "30m", "2h", "1d"].map((soak) => soakMs({ tag: "canary", soak }));
  expect(times).toEqual([5000, 1_800_000, 7_200_000, 86_400_000]);
  expect(soakMs({ tag: "latest" })).toBe(0);
});
