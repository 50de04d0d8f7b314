import { readWorkspace } from "@slipway/workspace";
import { expect, test } from "vitest";
import { planRun } from "../../src/index.ts";

function warnings(outputs: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const tasks = Object.fromEntries(
    Object.entries(outputs).map(([name, globs]) => [name, { outputs: globs }]),
  );
  const scripts = Object.fromEntries(Object.keys(outputs).map((name) => [name, "x"]));
  const manifest = (name: string): string => JSON.stringify({ name, version: "1.0.0", scripts });
  const files = new Map([
    ["package.json", '{ "name": "root", "workspaces": ["*"] }'],
    ["turbo.json", JSON.stringify({ tasks })],
    ["a/package.json", manifest("a")],
    ["b/package.json", manifest("b")],
  ]);
  const read = readWorkspace({ files });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const asked = { tasks: Object.keys(outputs), packages: null, configuration: null, args: [], only: false };
  return planRun(read.value, asked).warnings.map(({ message }) => message);
}

test("tasks of a package that declare the same outputs are a warning, one for all packages", () => {
  expect(warnings({ js: ["dist/**"], types: ["dist/types/**"], lint: [] })).toEqual([
    "a#js (turbo.json:1) and a#types (turbo.json:1) both declare a/dist/types/** as their outputs; so in 1 more package: they do not run side by side; that both write one file is an error where neither depends on the other.",
  ]);
});

test("places that only look alike, what is left out for the other, and a compiler's memory, are none", () => {
  expect(warnings({ js: ["dist/**"], types: ["dist-types/**"] })).toEqual([]);
  expect(warnings({ js: ["dist/**", "!dist/types/**"], types: ["dist/types/**"] })).toEqual([]);
  expect(warnings({ js: [".cache/tsbuildinfo.json"], types: [".cache/tsbuildinfo.json"] })).toEqual([]);
  expect(warnings({ js: ["dist/*.js"], types: ["dist/*.d.ts"] })).toEqual([]);
});
