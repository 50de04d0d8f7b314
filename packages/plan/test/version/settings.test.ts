import { describe, expect, test } from "vitest";
import { detectGeneration, readSettings } from "../../src/index.ts";

const names = ["@s/a", "@s/b", "c"];
const read = (value: unknown, generation: 2 | 3 = 3) =>
  readSettings(JSON.stringify(value, null, 2), names, generation);

describe("every value that is wrong is named with its line:", () => {
  test.each([
    [{ changelog: 3 }, '"changelog" must be false, the name of a module'],
    [{ fixed: ["c"] }, '"fixed" must be a list of lists'],
    [{ ignore: "c" }, '"ignore" must be a list of strings'],
    [{ updateInternalDependencies: "major" }, '"updateInternalDependencies" must be one of patch, minor'],
    [{ access: "secret" }, '"access" must be one of'],
    [{ fixed: [["c"], ["c"]] }, '"fixed" has "c" in more than one group'],
    [{ fixed: [["@s/*"]], linked: [["@s/a"]] }, '"linked" has "@s/a", which is in a "fixed" group already'],
    [{ privatePackages: { version: false, tag: true } }, '"privatePackages" has "tag" without "version"'],
    [{ snapshot: { useCalculatedVersion: "yes" } }, '"snapshot.useCalculatedVersion" must be true or false'],
  ])("%j", (value, message) => {
    const result = read(value);
    const [problem] = result.ok ? [] : result.problems;
    expect(problem).toMatchObject({ code: "config/malformed", file: ".changeset/config.json" });
    expect(problem?.message).toContain(message);
    expect(problem?.line).toBeGreaterThan(1);
  });

  test("several at once", () => {
    const result = read({ access: "secret", baseBranch: 3 });
    expect(result.ok ? [] : result.problems.map(({ line }) => line)).toEqual([2, 3]);
  });

  test("text that is not JSON", () => {
    const result = readSettings('{\n  "fixed": [\n}', names, 2);
    expect(result.ok ? null : result.problems[0]).toMatchObject({ code: "config/malformed", line: 3 });
  });
});

test("a glob that matches no package is a warning", () => {
  const result = read({ ignore: ["@gone/*"] });
  expect(result.ok && result.warnings[0]?.message).toBe('"@gone/*" in "ignore" matches no package');
});

test("globs are expanded in each generation's own way: negation is order in one, subtraction in the other", () => {
  const settings = { fixed: [["!c", "*", "@s/*"]] };
  const [second, third] = [read(settings, 2), read(settings, 3)];
  expect(second.ok && second.value.fixed).toEqual([["c", "@s/a", "@s/b"]]);
  expect(third.ok && third.value.fixed).toEqual([["@s/a", "@s/b", "c"]]);
});

describe("the generation is found by the first sign that there is:", () => {
  const signs = { chosen: null, cliRange: null, configText: null, preState: null };
  const schema = (version: string) =>
    `{ "$schema": "https://unpkg.com/@changesets/config@${version}/schema.json" }`;
  test.each([
    [{ ...signs, chosen: 2 as const, cliRange: "^3.0.0" }, 2],
    [{ ...signs, cliRange: "^2.27.0", configText: schema("4.0.1") }, 2],
    [{ ...signs, cliRange: "3.0.3" }, 3],
    [{ ...signs, cliRange: "latest", configText: schema("3.0.2") }, 2],
    [{ ...signs, configText: schema("1.6.3") }, 2],
    [{ ...signs, configText: schema("4.0.1") }, 3],
    [{ ...signs, preState: { mode: "pre", tag: "next", initialVersions: {} } }, 2],
    [signs, 3],
  ])("%j", (given, generation) => {
    expect(detectGeneration(given).generation).toBe(generation);
  });
});
