import { expect, test } from "vitest";
import { readVersionPlan } from "../../src/version/read-version-plan.ts";

const plan = (path: string, edit: object = {}) =>
  JSON.stringify({ schema: 1, bumps: [], edits: [{ path, before: null, after: "x", ...edit }] });

test("a plan that was kept comes back as it was", () => {
  const text = plan("packages/a/package.json");
  expect(readVersionPlan(text, "plan.json")).toEqual(JSON.parse(text));
});

test.each(["../outside.txt", "/etc/passwd", ".git/hooks/pre-push", "a/.GIT/config", "a/./b", "a//b", ""])(
  "a plan that writes %j is refused",
  (path) => {
    expect(() => readVersionPlan(plan(path), "plan.json")).toThrow("leads out of the workspace");
  },
);

test.each(["", "[]", '{"schema":2}', plan("a", { before: 7 }), plan("a", { path: null })])(
  "%s is no plan",
  (text) => {
    expect(() => readVersionPlan(text, "plan.json")).toThrow("plan.json is no plan of versions");
  },
);
