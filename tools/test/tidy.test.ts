import { describe, expect, test } from "vitest";
import { dirname } from "node:path";
import { findingsIn } from "../tidy.ts";
import { privateNames } from "../tidy/private-names.ts";
import { readTree, treeOf, type Finding } from "../tidy/tree.ts";

const SENTENCE = "Exists for the test that shows that a rule can be broken.";

/** A tree in which nothing is wrong, and then what a test puts in it. */
function brokenBy(files: Record<string, string>, tracked?: readonly string[]): readonly Finding[] {
  const texts = new Map([["packages/kernel/src/id.ts", "export const id = 1;\n"], ...Object.entries(files)]);
  return findingsIn(treeOf(texts, tracked ?? [...texts.keys()]));
}

function rulesBrokenBy(files: Record<string, string>): readonly string[] {
  return brokenBy(files).map(({ rule, path, line }) => `${rule} ${path}:${line}`);
}

test("this repository breaks no rule", () => {
  const tree = readTree(dirname(dirname(import.meta.dirname)));
  const findings = findingsIn(tree);
  expect(findings.map((one) => `${one.path}:${one.line}: ${one.rule}: ${one.message}`)).toEqual([]);
  expect(tree.modules.length).toBeGreaterThan(50);
});

test("a tree in order has no findings", () => {
  expect(
    brokenBy({ "packages/plan/src/a.ts": 'import { id } from "@slipway/kernel";\nexport { id };\n' }),
  ).toEqual([]);
});

describe("floors", () => {
  test("a room may not import from its own floor or above", () => {
    const files = {
      "packages/plan/src/a.ts": '\nimport type { X } from "@slipway/run";\n',
      "packages/run/src/b.ts": 'export type { Y } from "@slipway/release";\n',
      "packages/gates/src/c.ts": 'export const load = () => import("@slipway/plan");\n',
      "packages/release/src/d.ts": 'export type Z = import("@slipway/cli").Z;\n',
    };
    expect(rulesBrokenBy(files)).toEqual([
      "floors packages/gates/src/c.ts:1",
      "floors packages/plan/src/a.ts:2",
      "floors packages/release/src/d.ts:1",
      "floors packages/run/src/b.ts:1",
    ]);
  });

  test("only cli imports the outsides, and tests do", () => {
    const text = 'import "@slipway/host";\nimport "@slipway/registry";\n';
    const files = {
      "packages/cli/src/a.ts": text,
      "packages/run/test/a.test.ts": text,
      "packages/run/src/a.ts": text,
    };
    expect(rulesBrokenBy(files)).toEqual([
      "floors packages/run/src/a.ts:1",
      "floors packages/run/src/a.ts:2",
    ]);
  });

  test("a room without a floor is named", () => {
    expect(rulesBrokenBy({ "packages/attic/src/a.ts": "export {};\n" })).toEqual([
      "floors packages/attic/src/a.ts:1",
    ]);
  });

  test("no import goes past another room's index, by name or by path", () => {
    const files = {
      "packages/plan/src/a.ts": 'import "@slipway/kernel/src/id.ts";\n',
      "packages/plan/src/b.ts": 'import "../../kernel/src/id.ts";\nimport "./a.ts";\n',
      "packages/cli/src/c.ts": 'import "@slipway/run/hot";\n',
    };
    expect(rulesBrokenBy(files)).toEqual([
      "deep-import packages/plan/src/a.ts:1",
      "deep-import packages/plan/src/b.ts:1",
    ]);
  });

  test("tests share what tests of rooms below stand on, and tools look everywhere", () => {
    const files = {
      "packages/plan/test/sketch.ts": "export {};\n",
      "packages/cli/test/a.test.ts": 'import "../../plan/test/sketch.ts";\nimport "../../plan/src/a.ts";\n',
      "packages/kernel/test/b.test.ts": 'import "../../plan/test/sketch.ts";\n',
      "tools/prove/c.ts":
        'import "../../packages/plan/test/sketch.ts";\nimport "../../packages/plan/src/a.ts";\n',
      "packages/plan/src/a.ts": "export {};\n",
    };
    expect(rulesBrokenBy(files)).toEqual([
      "deep-import packages/cli/test/a.test.ts:2",
      "deep-import packages/kernel/test/b.test.ts:1",
    ]);
  });
});

describe("circles", () => {
  test("a circle is found through imports of types and through a room's own index", () => {
    const files = {
      "packages/plan/src/a.ts": 'import type { B } from "./b.ts";\nexport type A = B;\n',
      "packages/plan/src/b.ts": 'export * from "./sub/c.ts";\n',
      "packages/plan/src/sub/c.ts": 'import type { A } from "../a.ts";\nexport type B = A;\n',
    };
    expect(brokenBy(files).map(({ message }) => message)).toEqual([
      "packages/plan/src/a.ts -> packages/plan/src/b.ts -> packages/plan/src/sub/c.ts -> packages/plan/src/a.ts",
    ]);
    const throughIndex = {
      "packages/plan/src/index.ts": 'export * from "./a.ts";\n',
      "packages/plan/src/a.ts": 'import type { A } from "@slipway/plan";\nexport type B = A;\n',
    };
    expect(rulesBrokenBy(throughIndex)).toEqual(["circle packages/plan/src/index.ts:1"]);
  });

  test("two ways to one module are no circle", () => {
    const files = {
      "packages/plan/src/a.ts": 'import "./b.ts";\nimport "./c.ts";\n',
      "packages/plan/src/b.ts": 'import "./c.ts";\n',
      "packages/plan/src/c.ts": "export {};\n",
    };
    expect(brokenBy(files)).toEqual([]);
  });
});

describe("purity", () => {
  test("clock, chance and locale are refused in pure rooms, and nowhere else", () => {
    const text =
      "export const a = Date.now() + +new Date();\nexport const b = Math.random();\nexport const c = ['b'].sort((x, y) => x.localeCompare(y));\n";
    const files = {
      "packages/plan/src/a.ts": text,
      "packages/host/src/a.ts": text,
      "packages/plan/test/a.ts": text,
    };
    expect(rulesBrokenBy(files)).toEqual([1, 1, 2, 3].map((line) => `purity packages/plan/src/a.ts:${line}`));
  });

  test("a word in a comment or a text is no use of the clock", () => {
    expect(
      brokenBy({ "packages/plan/src/a.ts": '// new Date()\nexport const a = "Math.random()";\n' }),
    ).toEqual([]);
  });

  test("a moment that was given may be written as a date, but not in the machine's time zone", () => {
    const text = "export const year = (nowMs: number) => new Date(nowMs).getUTCFullYear();\n";
    expect(brokenBy({ "packages/plan/src/a.ts": text })).toEqual([]);
    const local = { "packages/plan/src/a.ts": text.replace("getUTCFullYear", "getFullYear") };
    expect(rulesBrokenBy(local)).toEqual(["purity packages/plan/src/a.ts:1"]);
  });

  test("kernel alone imports node:crypto, and no pure room any other module of Node", () => {
    const files = {
      "packages/kernel/src/a.ts": 'import "node:crypto";\nimport "node:fs";\n',
      "packages/plan/src/a.ts": 'import "node:crypto";\n',
    };
    expect(rulesBrokenBy(files)).toEqual([
      "purity packages/kernel/src/a.ts:2",
      "purity packages/plan/src/a.ts:1",
    ]);
  });

  test("a pure room's compiler must not know Node", () => {
    const files = { "packages/plan/tsconfig.json": '{ "compilerOptions": { "types": ["node"] } }' };
    expect(rulesBrokenBy(files)).toEqual(["purity packages/plan/tsconfig.json:1"]);
  });
});

test("a module has at most 300 lines", () => {
  const files = { "packages/plan/src/a.ts": "\n".repeat(300), "packages/plan/test/b.ts": "\n".repeat(301) };
  expect(rulesBrokenBy(files)).toEqual(["file-ceiling packages/plan/test/b.ts:300"]);
});

test("a package gives one sentence for a reason", () => {
  const files = Object.fromEntries(
    [
      undefined,
      "The plan.",
      `${SENTENCE} ${SENTENCE}`,
      "no capital and no end although it is long",
      SENTENCE,
    ].map((description, at) => [`packages/room${at}/package.json`, JSON.stringify({ description })]),
  );
  expect(rulesBrokenBy(files)).toEqual([0, 1, 2, 3].map((at) => `reason packages/room${at}/package.json:1`));
});

test("an error code is in the catalogue, on the page, and thrown", () => {
  const files = {
    "packages/kernel/src/catalogue.ts":
      'export const userErrors = {\n  "a/fine": { exit: 2 },\n  "a/unthrown": { exit: 2 },\n  "a/undocumented": { exit: 2 },\n};\n',
    "packages/cli/src/a.ts": 'export const codes = ["a/fine", "a/undocumented"];\n',
    "docs/errors.md": "# Errors\n\n## a/fine\n\n## a/unthrown\n\n## a/gone\n",
  };
  expect(brokenBy(files).map(({ path, line, message }) => `${path}:${line}: ${message}`)).toEqual([
    "docs/errors.md:7: a/gone: not in the catalogue",
    "packages/kernel/src/catalogue.ts:3: a/unthrown: no code throws it",
    "packages/kernel/src/catalogue.ts:4: a/undocumented: no heading in docs/errors.md",
  ]);
});

describe("completeness", () => {
  test("a module that git lists and the check did not see is a finding", () => {
    const tracked = [
      "packages/kernel/src/id.ts",
      "packages/plan/src/unseen.ts",
      "packages/plan/test/cases/data.ts",
    ];
    expect(brokenBy({}, tracked).map(({ path }) => path)).toEqual(["packages/plan/src/unseen.ts"]);
  });

  test("a check that saw nothing is not green", () => {
    expect(findingsIn(treeOf(new Map(), []))).toHaveLength(1);
  });
});

test("no text holds the path of the checkout that it was written in", () => {
  const root = "/somewhere/only/here/repo";
  const texts = new Map([
    ["docs/a.md", "Run it.\n\n    cd /somewhere/only/here/repo\n"],
    ["docs/b.md", "see /somewhere/only/here/repo-notes\n"],
    ["docs/c.md", "see https://example.org/somewhere/only/here/repo\n"],
  ]);
  const findings = findingsIn(treeOf(texts, []), [privateNames(root)]);
  expect(findings.map(({ path, line }) => `${path}:${line}`)).toEqual(["docs/a.md:3"]);
});
