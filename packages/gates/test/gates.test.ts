import { expect, test } from "vitest";
import { allGates, runGates } from "../src/index.ts";
import { ports, subject, verdict } from "./subject.ts";

test("a manifest is complete, and it is the one of the sealed version", async () => {
  expect(await verdict("manifest-complete", subject({}, { "index.js": "" }))).toEqual({ outcome: "pass" });
  expect(await verdict("manifest-complete", subject({ private: true }))).toMatchObject({ outcome: "fail" });
  expect(await verdict("manifest-complete", subject({ license: undefined }, { "a/b.js": "" }))).toEqual({
    outcome: "warn",
    findings: [{ code: "field-missing", args: { field: "license" } }],
  });
});

test.each(["workspace:^", "catalog:", "link:../b", "file:../b"])(
  "a dependency on %s stops the release, in any kind that users install",
  async (range) => {
    for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"]) {
      expect(await verdict("no-workspace-ranges", subject({ [kind]: { b: range } }))).toMatchObject({
        outcome: "fail",
        findings: [{ code: "local-range", args: { kind, dependency: "b", range } }],
      });
    }
  },
);

test("a link among devDependencies harms no user", async () => {
  expect(
    await verdict("no-workspace-ranges", subject({ devDependencies: { b: "link:../b" } })),
  ).toMatchObject({
    outcome: "warn",
  });
});

test("publint judges the packed files, not those on disk", async () => {
  const broken = subject({ type: "module", exports: "./dist/gone.js" });
  expect(await verdict("publint", broken)).toMatchObject({
    outcome: "fail",
    findings: [
      { code: "FILE_DOES_NOT_EXIST", args: { message: expect.stringContaining("dist/gone.js") as string } },
    ],
  });
  const whole = subject({ type: "module", exports: "./dist/here.js" }, { "dist/here.js": "export {};" });
  expect((await verdict("publint", whole)).outcome).not.toBe("fail");
});

test("a package of types alone may say so by an empty main", async () => {
  const files = { "dist/index.d.ts": "export type A = 1;" };
  expect(await verdict("publint", subject({ main: "", types: "dist/index.d.ts" }, files))).not.toMatchObject({
    outcome: "fail",
  });
  expect(await verdict("publint", subject({ main: "" }, files))).toMatchObject({ outcome: "fail" });
});

test("a main that no file is there for harms nobody where exports has subpaths alone", async () => {
  const files = { "eslint/node.js": "" };
  const main = "index.js";
  const subpaths = subject({ main, exports: { "./eslint/*": "./eslint/*.js" } }, files);
  expect(await verdict("publint", subpaths)).toMatchObject({ outcome: "warn" });
  const rooted = subject({ main, exports: { ".": "./eslint/node.js" } }, files);
  expect(await verdict("publint", rooted)).toMatchObject({ outcome: "fail" });
});

test("what publint finds to work less well for some stops nothing", async () => {
  const files = { "a.js": "module.exports = 1;", "b.js": "", "a.d.ts": "" };
  const exports = { ".": { require: "./b.js", types: "./a.d.ts", default: "./a.js" } };
  expect(await verdict("publint", subject({ exports, module: "./a.js" }, files))).toMatchObject({
    outcome: "warn",
    findings: [{ code: "EXPORTS_TYPES_SHOULD_BE_FIRST" }, { code: "MODULE_SHOULD_BE_ESM" }],
  });
});

test("every entry of exports, under every condition, leads to a packed file; types too", async () => {
  const exports = {
    ".": { types: "./dist/index.d.ts", import: "./dist/index.js", require: "./dist/index.cjs" },
    "./sub/*": "./dist/sub/*.js",
    "./closed": null,
    "./package.json": "./package.json",
  };
  const files = { "dist/index.js": "", "dist/index.cjs": "", "dist/sub/a.js": "" };
  expect(await verdict("exports-resolve", subject({ exports }, files))).toEqual({
    outcome: "fail",
    findings: [
      { code: "target-missing", args: { entry: ".", conditions: "types", target: "./dist/index.d.ts" } },
    ],
  });
  expect(await verdict("exports-resolve", subject({ exports }, { ...files, "dist/index.d.ts": "" }))).toEqual(
    {
      outcome: "pass",
    },
  );
});

test("main is resolved as CommonJS does it, exports by the letter", async () => {
  const files = { "lib/index.js": "", "index.js": "" };
  expect(await verdict("exports-resolve", subject({ main: "./lib" }, files))).toEqual({ outcome: "pass" });
  expect(await verdict("exports-resolve", subject({ exports: "./lib" }, files))).toMatchObject({
    outcome: "fail",
  });
});

test("bytes that are served differently than they were sealed stop the release", async () => {
  expect(await verdict("digest-as-served", subject({}))).toEqual({ outcome: "pass" });
  expect(await verdict("digest-as-served", subject({}), { served: "other" })).toMatchObject({
    outcome: "fail",
    findings: [{ code: "other-bytes" }],
  });
});

test("what does not install into an empty folder stops the release, and its entries are not tried", async () => {
  const of = subject({ main: "index.js" }, { "index.js": "" });
  expect(await verdict("clean-install", of, { installs: false })).toMatchObject({ outcome: "fail" });
  expect(await verdict("entries-load", of, { installs: false })).toMatchObject({ outcome: "skipped" });
});

test("what the last published version already had is a warning; what is new still stops the release", async () => {
  const before = subject({ version: "0.9.0", exports: { ".": "./old.js" } });
  const same = subject({ exports: { ".": "./old.js" } });
  expect(await verdict("exports-resolve", same, { before })).toMatchObject({
    outcome: "warn",
    findings: [{ code: "target-missing", known: true }],
  });
  const worse = subject({ exports: { ".": "./old.js", "./new": "./new.js" } });
  expect(await verdict("exports-resolve", worse, { before })).toMatchObject({ outcome: "fail" });
});

test("faults of a gate that stops nothing are warnings", async () => {
  const broken = subject({ exports: "./gone.js" });
  const gates = allGates.filter(({ name }) => name === "exports-resolve" || name === "publint");
  const run = { subjects: [broken], ports: ports({}), nowMs: () => 0, concurrency: 1, gates };
  const results = await runGates({ ...run, stopping: ["publint"] });
  const outcomes = results.map(({ gate, verdict: { outcome } }) => [gate, outcome]);
  expect(outcomes).toEqual([
    ["publint", "fail"],
    ["exports-resolve", "warn"],
  ]);
});
