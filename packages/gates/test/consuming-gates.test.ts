import { expect, test } from "vitest";
import { type Ran, type Verdict } from "../src/index.ts";
import { loads, subject, verdict } from "./subject.ts";

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

test("code that fails under a Node which its manifest excludes is a remark that tells both", async () => {
  const ran = (script: string): Partial<Ran> => {
    if (script.includes("versions.node")) return { stdout: "20.20.2" };
    return { stdout: `\n@@slipway {"ok":false,"name":"SyntaxError","message":"no globSync"}\n` };
  };
  const under = (node: string): Promise<Verdict> => {
    const of = subject({ exports: "./a.js", type: "module", engines: { node } }, { "a.js": "" });
    return verdict("entries-load", of, { ran });
  };
  expect(await under(">=22.19.0")).toMatchObject({
    outcome: "warn",
    findings: [
      { code: "other-node", args: { wanted: ">=22.19.0", here: "20.20.2" } },
      { code: "load-failed" },
    ],
  });
  expect(await under(">=20")).toMatchObject({ outcome: "fail" });
});

test("an entry after one that failed is loaded in a process of its own", async () => {
  const exports = { ".": "./a.js", "./b": "./b.js" };
  const of = subject({ type: "module", exports }, { "a.js": "", "b.js": "" });
  const scripts: string[] = [];
  const ran = (script: string): Partial<Ran> => {
    scripts.push(script);
    const result = scripts.length === 1 ? { ok: false, name: "SyntaxError", message: "half" } : { ok: true };
    return { stdout: `\n@@slipway ${JSON.stringify(result)}\n` };
  };
  expect(await verdict("entries-load", of, { ran })).toMatchObject({ outcome: "fail", findings: [{}] });
  expect(scripts.map((script) => script.includes('"pkg/b"') && !script.includes('"pkg"'))).toEqual([
    false,
    true,
  ]);
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
