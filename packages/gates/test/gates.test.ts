import { integrityOf } from "@slipway/kernel";
import { expect, test } from "vitest";
import {
  allGates,
  runGates,
  type GatePorts,
  type GateSubject,
  type Ran,
  type Verdict,
} from "../src/index.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A package from its files; `package.json` is written from the manifest. */
function subject(manifest: Record<string, unknown>, files: Record<string, string> = {}): GateSubject {
  const whole = {
    name: "pkg",
    version: "1.0.0",
    license: "MIT",
    repository: "o/r",
    description: "d",
    ...manifest,
  };
  const packed = new Map(Object.entries({ "package.json": JSON.stringify(whole), ...files }));
  return {
    name: whole.name,
    version: whole.version,
    integrity: integrityOf(text("bytes")),
    manifest: whole,
    files: {
      paths: [...packed.keys()].toSorted(),
      read: (path) => (packed.has(path) ? text(packed.get(path) ?? "") : null),
    },
  };
}

interface World {
  readonly before?: GateSubject | null;
  readonly served?: string;
  /** What each load or bin answers; by default all is well. */
  readonly ran?: (call: string) => Partial<Ran>;
  readonly installs?: boolean;
}

const fine: Ran = { exitCode: 0, timedOut: false, stdout: "", stderr: "" };

function ports(world: World): GatePorts {
  const ran = (call: string): Ran => ({ ...fine, ...world.ran?.(call) });
  return {
    servedIntegrity: () => Promise.resolve(integrityOf(text(world.served ?? "bytes"))),
    lastPublished: () => Promise.resolve(world.before ?? null),
    install: () =>
      Promise.resolve(
        world.installs === false
          ? { ok: false, log: "ERESOLVE could not resolve" }
          : {
              ok: true,
              runNode: (script) => Promise.resolve(ran(script)),
              runBin: (bin, args) => Promise.resolve(ran([bin, ...args].join(" "))),
            },
      ),
  };
}

async function verdict(gate: string, of: GateSubject, world: World = {}): Promise<Verdict> {
  const results = await runGates({
    subjects: [of],
    ports: ports(world),
    nowMs: () => 0,
    concurrency: 1,
    gates: allGates.filter(({ name }) => name === gate),
  });
  return results[0]?.verdict ?? { outcome: "skipped", because: "no such gate" };
}

/** What the load script would print for one failed entry, then well for the rest. */
function loads(...results: readonly object[]): (script: string) => Partial<Ran> {
  return () => ({ stdout: results.map((each) => `\n@@slipway ${JSON.stringify(each)}\n`).join("") });
}

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

const module = subject(
  { type: "module", exports: { ".": "./a.js", "./b": "./b.js", "./c.css": "./c.css" } },
  {
    "a.js": "",
    "b.js": "",
    "c.css": "",
  },
);

test("every entry that Node can load is loaded; styles are not", async () => {
  expect(await verdict("entries-load", module, { ran: loads({ ok: true }, { ok: true }) })).toEqual({
    outcome: "pass",
  });
});

test.each([
  [
    "a browser global",
    { name: "ReferenceError", message: "document is not defined" },
    "warn",
    "needs-browser",
  ],
  ["a misspelt name", { name: "ReferenceError", message: "docment is not defined" }, "fail", "load-failed"],
  [
    "an optional peer",
    {
      name: "Error",
      code: "ERR_MODULE_NOT_FOUND",
      message: "Cannot find package 'opt' imported from /x/node_modules/pkg/a.js",
    },
    "warn",
    "optional-missing",
  ],
  [
    "a dependency that it does not declare",
    {
      name: "Error",
      code: "ERR_MODULE_NOT_FOUND",
      message: "Cannot find package 'forgotten' imported from /x/node_modules/pkg/a.js",
    },
    "fail",
    "dependency-missing",
  ],
  [
    "what a dependency did not declare",
    {
      name: "Error",
      code: "ERR_MODULE_NOT_FOUND",
      message: "Cannot find package 'forgotten' imported from /x/node_modules/dep/a.js",
    },
    "warn",
    "dependency-broken",
  ],
  [
    "a path that only bundlers complete",
    {
      name: "Error",
      code: "ERR_MODULE_NOT_FOUND",
      message:
        "Cannot find module '/x/node_modules/next/navigation' imported from /x/node_modules/pkg/a.js\nDid you mean to import \"next/navigation.js\"?",
    },
    "warn",
    "needs-bundler",
  ],
  [
    "what only a dependency's own code refuses",
    {
      name: "Error",
      message: "needs a compiler",
      stack:
        "Error: needs a compiler\n    at make (file:///x/node_modules/@host/core/a.mjs:1:1)\n    at file:///x/node_modules/pkg/a.js:2:2",
    },
    "warn",
    "dependency-broken",
  ],
  ["a mistake of its own", { name: "SyntaxError", message: "Unexpected token" }, "fail", "load-failed"],
])("an entry that fails over %s is judged for what it is", async (...[, error, outcome, code]) => {
  const of = {
    ...module,
    manifest: { ...module.manifest, peerDependenciesMeta: { opt: { optional: true } } },
  };
  const judged = await verdict("entries-load", of, { ran: loads({ ok: false, ...error }, { ok: true }) });
  expect(judged).toMatchObject({ outcome, findings: [{ code }] });
});

test("a path without extension is the bundler's matter where the package is compiled by one, and a fault elsewhere", async () => {
  const error = {
    name: "Error",
    code: "ERR_MODULE_NOT_FOUND",
    message: "Cannot find module '/x/node_modules/pkg/dist/part' imported from /x/node_modules/pkg/dist/a.js",
  };
  const files = { "dist/a.js": "export * from './part'", "dist/part.js": "" };
  const judged = async (conditions: object): Promise<Verdict> => {
    const exports = { ".": { ...conditions, import: "./dist/a.js" } };
    const ran = loads({ ok: false, ...error });
    return verdict("entries-load", subject({ type: "module", exports }, files), { ran });
  };
  expect(await judged({ svelte: "./dist/a.js" })).toMatchObject({
    outcome: "warn",
    findings: [{ code: "needs-bundler" }],
  });
  expect(await judged({})).toMatchObject({ outcome: "fail", findings: [{ code: "load-failed" }] });
});

test("an entry that ends its process fails alone: the entries after it are loaded in another one", async () => {
  let starts = 0;
  const ran = (): Partial<Ran> => {
    return ++starts === 1
      ? { exitCode: 7, stderr: "Error: boom\n    at file.js" }
      : { stdout: '\n@@slipway {"ok":true}\n' };
  };
  expect(await verdict("entries-load", module, { ran })).toMatchObject({
    outcome: "fail",
    findings: [{ code: "load-failed", args: { entry: "pkg", error: "ENDED" } }],
  });
  expect(starts).toBe(2);
});

const tool = subject({ bin: { tool: "./cli.js" } }, { "cli.js": "" });

test.each([
  ["answers --version", () => ({}), "pass"],
  ["only knows --help", (call: string) => ({ exitCode: call.endsWith("--help") ? 0 : 2 }), "pass"],
  ["ends with its usage", () => ({ exitCode: 1, stderr: "usage: tool FILE" }), "pass"],
  ["serves until it is ended", () => ({ exitCode: null, timedOut: true }), "warn"],
  [
    "lacks a module",
    () => ({ exitCode: 1, stderr: "Error: Cannot find module 'x'\n    at Module._load (node:internal)" }),
    "fail",
  ],
  ["is no program", () => ({ exitCode: 126, stderr: "permission denied" }), "fail"],
])("a bin that %s is judged by how it starts", async (_, ran, outcome) => {
  expect(await verdict("bins-start", tool, { ran })).toMatchObject({ outcome });
});

test("a bin whose file is not packed stops the release", async () => {
  expect(await verdict("bins-start", subject({ bin: "./gone.js" }))).toMatchObject({
    outcome: "fail",
    findings: [{ code: "bin-missing", args: { bin: "pkg" } }],
  });
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
