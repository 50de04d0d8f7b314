import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { IgnoreRules } from "../src/tree/ignore-rules.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ignore rules-"));
  execFileSync("git", ["init", "--quiet", root]);
});
afterEach(() => rmSync(root, { recursive: true }));

const part = fc.constantFrom(
  "a",
  "b",
  "ab",
  "*",
  "?",
  "[ab]",
  "[!a]",
  "a*",
  "*.js",
  "\\*",
  "[[:alpha:]]",
  "ü",
);
const pattern = fc
  .record({
    isNegated: fc.boolean(),
    start: fc.constantFrom("", "", "/", "**/"),
    parts: fc.array(part, { minLength: 1, maxLength: 3 }),
    end: fc.constantFrom("", "", "/", "/**", "  "),
  })
  .map(({ isNegated, start, parts, end }) => `${isNegated ? "!" : ""}${start}${parts.join("/")}${end}`);
const ignoreFile = fc.array(fc.oneof(pattern, fc.constantFrom("# a", "")), { maxLength: 4 });

const names = ["a", "b", "ab", "x.js", "*"];
const paths = names.flatMap((one) => [
  one,
  ...names.flatMap((two) => [`${one}/${two}`, `${one}/${two}/a`, `${one}/${two}/x.js`]),
]);

test("without git the same paths are ignored as git says from the same files", () => {
  const files = fc.record({ "": ignoreFile, p: ignoreFile, "p/q": ignoreFile });
  let ignoredCount = 0;
  fc.assert(
    fc.property(files, (texts) => {
      for (const [dir, lines] of Object.entries(texts)) {
        mkdirSync(join(root, dir), { recursive: true });
        writeFileSync(join(root, dir, ".gitignore"), `${lines.join("\n")}\n`);
      }
      const asked = ["", "p/", "p/q/"].flatMap((prefix) => paths.map((path) => prefix + path));
      const { stdout } = spawnSync("git", ["check-ignore", "--no-index", "-z", "--stdin"], {
        cwd: root,
        input: asked.join("\0"),
        encoding: "utf8",
      });
      const rules = new IgnoreRules(root);
      const ignored = asked.filter((path) => rules.ignores(path));
      ignoredCount += ignored.length;
      expect(ignored).toEqual(stdout.split("\0").filter(Boolean));
    }),
    { numRuns: 60, seed: 20261129 },
  );
  expect(ignoredCount).toBeGreaterThan(1000);
});

test("a rule for directories counts for what is in one, also before it is there", () => {
  writeFileSync(join(root, ".gitignore"), "\u{feff}dist/\r\n/out\r\n!kept/dist/\r\n");
  const rules = new IgnoreRules(root);
  expect(
    ["dist", "dist/", "a/dist/x", "out", "a/out", "kept/dist/x"].map((path) => rules.ignores(path)),
  ).toEqual([false, true, true, true, false, false]);
});
