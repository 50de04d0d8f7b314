import { readWorkspace, workspacePatterns, type Workspace } from "@slipway/workspace";
import type { Checked } from "@slipway/kernel";
import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { wholeWorkspaces } from "./whole-workspaces.ts";

/** Fragments that have broken parsers before. */
const fragment = fc.oneof(
  fc.constantFrom(
    "\u{feff}",
    "\u{fffd}\u{fffd}{\0",
    "<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> theirs\n",
    '"__proto__": {"a": 1},',
    '"constructor": [],',
    "&a *a",
    "? !!set {x}",
    "\t",
    "%YAML 9.9\n---\n",
    "[".repeat(30_000),
    '{"a":'.repeat(5000),
    "- ".repeat(2000),
    "null",
    "1e999",
    "\\u0000",
    "${",
    "{{{{,}",
    "a@npm:b@workspace:c@patch:d#~e",
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.jsonValue().map((value) => JSON.stringify(value)),
);

/** The lockfile of each format beside a package that depends on much of it. */
function withLockfiles(): readonly Readonly<Record<string, string>>[] {
  const root = fileURLToPath(new URL("fixtures/lockfiles", import.meta.url));
  const dependencies = {
    "is-odd": "^3.0.1",
    aliased: "npm:ms@2.0.0",
    "is-number": "^7.0.0",
    react: "18.2.0",
  };
  return readdirSync(root).map((format) => {
    const [file = ""] = readdirSync(`${root}/${format}`);
    return {
      [file]: readFileSync(`${root}/${format}/${file}`, "utf8"),
      "package.json": JSON.stringify({ name: "root", workspaces: ["packages/*"] }),
      "packages/a/package.json": JSON.stringify({ name: "a", dependencies }),
    };
  });
}

/** One or several files of a good workspace, with pieces cut out and fragments put in. */
const damaged = fc.constantFrom(...wholeWorkspaces, ...withLockfiles()).chain((files) =>
  fc
    .array(
      fc.record({
        path: fc.constantFrom(...Object.keys(files)),
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        removed: fc.nat({ max: 40 }),
        put: fragment,
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map((edits) => {
      const texts = new Map(Object.entries(files));
      for (const { path, at, removed, put } of edits) {
        const text = texts.get(path) ?? "";
        const from = Math.floor(at * text.length);
        texts.set(path, text.slice(0, from) + put + text.slice(from + removed));
      }
      return texts;
    }),
);

test("no damage to any file crashes the reader: it gives a value, or problems that each name a file", () => {
  fc.assert(
    fc.property(damaged, (files) => {
      const patterns = workspacePatterns({ files });
      const read: Checked<Workspace> = readWorkspace({ files });
      for (const result of [patterns, read]) {
        expect(JSON.parse(JSON.stringify(result))).toEqual(result);
        if (!result.ok) expect(result.problems.every(({ file, message }) => file && message)).toBe(true);
        if (!result.ok) expect(result.problems.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 600 },
  );
});

test("the undamaged workspaces are read without a problem", () => {
  for (const files of wholeWorkspaces) {
    const read = readWorkspace({ files: new Map(Object.entries(files)) });
    expect(read).toMatchObject({ ok: true, warnings: [] });
  }
});

test("a property at a wrong place has its line in the problem", () => {
  const files = new Map([["package.json", '{\n  "name": "a",\n  "name2": {]\n}']]);
  expect(readWorkspace({ files })).toMatchObject({
    ok: false,
    problems: [{ code: "workspace/bad-manifest", file: "package.json", line: 3, column: 13 }],
  });
});

test("a yarn.lock without any entry of Yarn's is said, an empty one is not", () => {
  const read = (lock: string) =>
    readWorkspace({
      files: new Map([
        ["package.json", '{ "name": "root" }'],
        ["yarn.lock", lock],
      ]),
    });
  expect(read("# yarn lockfile v1\n\n{{{ nope: [\n")).toMatchObject({
    ok: false,
    problems: [{ file: "yarn.lock", line: 3, message: "yarn.lock holds no entries of Yarn's" }],
  });
  expect(read("# yarn lockfile v1\n\n")).toMatchObject({ ok: true });
  expect(read('# yarn lockfile v1\n\none@^1.0.0:\n  version "1.0.0"\n')).toMatchObject({ ok: true });
});
