import { expect, test } from "vitest";
import type { RehearsalReport } from "../../src/journeys/rehearse/report.ts";
import { renderRehearsal } from "../../src/report/rehearsal.ts";

const passed: RehearsalReport = {
  schema: 1,
  commit: "40321a0b1c5d0a7e55f9e3f5f8a7c7b0c01a8f10",
  uncommitted: { paths: [], taken: false },
  source: "changesets",
  bumps: [
    { package: "core", from: "1.2.3", to: "1.3.0", bump: "minor", because: ["changeset brave-ships"] },
    { package: "@scope/react", from: "2.0.0", to: "2.0.1", bump: "patch", because: ["depends on core"] },
  ],
  manager: { name: "pnpm", version: "9.15.9", from: "npm" },
  tasks: [
    { id: "core#build", status: "ok", cache: "miss", durationMs: 1234 },
    { id: "@scope/react#build", status: "ok", cache: "hit", durationMs: 2 },
  ],
  packages: [
    { name: "core", version: "1.3.0", files: 12, sizeBytes: 34_567, integrity: `sha512-${"a".repeat(86)}==` },
    {
      name: "@scope/react",
      version: "2.0.1",
      files: 1,
      sizeBytes: 987,
      integrity: `sha512-${"b".repeat(86)}==`,
    },
  ],
  verdicts: [
    { gate: "manifest-complete", package: "core", verdict: "pass", sentences: [] },
    { gate: "manifest-complete", package: "@scope/react", verdict: "pass", sentences: [] },
    { gate: "entries-load", package: "core", verdict: "pass", sentences: [] },
    {
      gate: "entries-load",
      package: "@scope/react",
      verdict: "warn",
      sentences: ["needs the browser global `window`"],
    },
  ],
  published: ["core", "@scope/react"],
  promoted: [
    { package: "core", tag: "latest", from: "1.2.3", to: "1.3.0" },
    { package: "@scope/react", tag: "latest", from: null, to: "2.0.1" },
  ],
  consumers: [
    { package: "core", version: "1.3.0", ok: true, sentence: "installed, 2 entries load, 1 bin starts" },
  ],
  phases: [
    { name: "checkout", durationMs: 120 },
    { name: "install", durationMs: 61_500 },
  ],
  notes: ["uncommitted changes were left out (--include-uncommitted takes them along): a.txt"],
  ok: true,
};

const plain = { color: false, width: null };

test("the report says what would be released and why, what was built, sealed, judged, published and consumed", async () => {
  await expect(renderRehearsal(passed, plain)).toMatchFileSnapshot("rehearsal-passed.golden.txt");
});

test("a release that would not go out says so at its end, and the same finding about many packages once", async () => {
  const sentence = "`workspace:*` is left in dependencies.core";
  const verdicts = ["core", "@scope/react", "other"].map((name) => {
    return { gate: "no-workspace-ranges", package: name, verdict: "fail" as const, sentences: [sentence] };
  });
  const failed: RehearsalReport = {
    ...passed,
    source: "snapshot",
    verdicts,
    published: [],
    promoted: [],
    consumers: [],
    ok: false,
  };
  await expect(renderRehearsal(failed, plain)).toMatchFileSnapshot("rehearsal-failed.golden.txt");
});

test("a rehearsal without anything to publish does not say that a release would go out", () => {
  expect(renderRehearsal({ ...passed, published: [] }, plain)).toContain("There is nothing to release.");
});

test("colour changes nothing but the colour", () => {
  const colored = renderRehearsal(passed, { color: true, width: null });
  // eslint-disable-next-line no-control-regex
  expect(colored.replaceAll(/\u001b\[\d+m/g, "")).toBe(renderRehearsal(passed, plain));
  expect(colored).not.toBe(renderRehearsal(passed, plain));
});
