import { readWorkspace, type FileSelector, type TaskRule } from "@slipway/workspace";
import { expect, test } from "vitest";

/** Packages of which each depends on the next ones, in a ring or a row, each with the same targets. */
function rulesOf(count: number, shape: "ring" | "row"): readonly TaskRule[] {
  const files = new Map([
    ["package.json", '{ "name": "root", "workspaces": ["packages/*"] }'],
    [
      "nx.json",
      JSON.stringify({
        namedInputs: { production: ["default", "!{projectRoot}/**/*.test.ts"] },
        targetDefaults: {
          build: { inputs: ["production", "^production"] },
          pack: { inputs: ["production", "^production", { env: "CI" }] },
          test: { inputs: ["default", "^production"] },
          check: { inputs: ["default", "^production"] },
        },
      }),
    ],
  ]);
  for (let at = 0; at < count; at++) {
    const needs = [at + 1, at + 7].filter((to) => shape === "ring" || to < count);
    const dependencies = Object.fromEntries(needs.map((to) => [`p${to % count}`, "workspace:*"]));
    const scripts = { build: "tsc", pack: "tar", test: "node --test", check: "eslint", lint: "oxlint" };
    files.set(`packages/p${at}/package.json`, JSON.stringify({ name: `p${at}`, dependencies, scripts }));
  }
  const read = readWorkspace({ files });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value.tasks.rules;
}

function listsOf(rules: readonly TaskRule[], ...tasks: readonly string[]): Set<readonly FileSelector[]> {
  return new Set(rules.filter(({ task }) => tasks.includes(task)).map(({ inputs }) => inputs.files));
}

test("packages that reach each other share one list of files for the same inputs", () => {
  const rules = rulesOf(100, "ring");
  expect(rules).toHaveLength(500);
  expect(listsOf(rules, "build", "pack").size).toBe(1);
  expect(listsOf(rules, "lint").size).toBe(1);
  expect([...listsOf(rules, "build")][0]).toHaveLength(100);
});

test("targets with the same inputs share their package's list", () => {
  const rules = rulesOf(100, "row");
  expect(listsOf(rules, "build", "pack").size).toBe(100);
  expect(listsOf(rules, "test", "check").size).toBe(100);
});

test("a shared list holds the package itself once, and a list of dependencies does not hold it", () => {
  const [first] = rulesOf(10, "ring").filter(({ task }) => task === "test");
  const ofDir = (dir: string): readonly FileSelector[] =>
    first?.inputs.files.filter(({ include }) => include[0] === `${dir}/**/*`) ?? [];
  expect(ofDir("packages/p0")).toEqual([{ include: ["packages/p0/**/*"], exclude: [], ignored: "respect" }]);
  expect(ofDir("packages/p5")).toEqual([
    { include: ["packages/p5/**/*"], exclude: ["packages/p5/**/*.test.ts"], ignored: "respect" },
  ]);
  const pack = rulesOf(10, "row").find(({ package: name, task }) => name === "p3" && task === "pack");
  expect(pack?.inputs.env).toEqual(["CI"]);
  expect(pack?.inputs.files.map(({ include }) => include[0])).toEqual(
    [3, 4, 5, 6, 7, 8, 9].map((at) => expect.stringContaining(`packages/p${at}/`)),
  );
});
