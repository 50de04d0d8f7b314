import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { registryClient } from "@slipway/registry";
import { createFaultRegistry, type FaultRegistry } from "@slipway/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { onDemand } from "../../../tools/on-demand.ts";

const repository = join(import.meta.dirname, "../../..");
const pnpm = join(
  repository,
  `tools/toolchain/node_modules/@pnpm/exe.${process.platform}-${process.arch}/pnpm`,
);

let registry: FaultRegistry;
let url = "";
let dir = "";
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  registry = createFaultRegistry({ tokens: { secret: { user: "publisher" } } });
  const listening = await registry.listen();
  url = listening.url;
  dir = await mkdtemp(join(tmpdir(), "slipway-publishers-"));
  closing.push(
    () => listening.close(),
    () => rm(dir, { recursive: true, force: true }),
  );
  await lay({
    ".npmrc": `registry=${url}\n${url.replace("http:", "")}:_authToken=secret\nfetch-retries=0\n`,
  });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function lay(files: Readonly<Record<string, string | object>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), typeof content === "string" ? content : JSON.stringify(content));
  }
}

/** Runs to its end without holding this process up: the registry lives here. */
function run(
  command: string,
  args: readonly string[],
  cwd = dir,
): Promise<{ status: number | null; output: string }> {
  const npm = {
    npm_config_cache: join(dir, "cache"),
    npm_config_registry: url,
    npm_config_update_notifier: "false",
  };
  const env = { PATH: process.env["PATH"], HOME: dir, ...npm };
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("close", (status) => resolve({ status, output }));
  });
}

test("npm publishes, tags, deprecates and installs", async () => {
  await lay({
    "kit/package.json": { name: "@acme/kit", version: "1.0.0" },
    "kit/index.js": "module.exports = 1;\n",
    "kit/.npmrc": "",
  });
  await writeFile(
    join(dir, "kit/.npmrc"),
    `registry=${url}\n${url.replace("http:", "")}:_authToken=secret\n`,
  );
  const kit = join(dir, "kit");
  expect(await run("npm", ["publish", "--access", "public"], kit)).toMatchObject({ status: 0 });
  expect(await run("npm", ["dist-tag", "add", "@acme/kit@1.0.0", "next"], kit)).toMatchObject({ status: 0 });
  expect(await run("npm", ["deprecate", "@acme/kit@1.0.0", "too old"], kit)).toMatchObject({ status: 0 });
  expect(registry.snapshot()["@acme/kit"]?.distTags).toEqual({ latest: "1.0.0", next: "1.0.0" });
  const view = await registryClient({ url, auth: null }).view("@acme/kit");
  expect(view?.versions["1.0.0"]?.manifest["deprecated"]).toBe("too old");

  const again = await run("npm", ["publish", "--access", "public"], kit);
  expect(again.status).toBe(1);
  expect(again.output).toContain("cannot publish over the previously published versions");

  await lay({ "user/package.json": { private: true } });
  const flags = ["--no-audit", "--no-fund", "--registry", url];
  expect(await run("npm", ["install", "@acme/kit@next", ...flags], join(dir, "user"))).toMatchObject({
    status: 0,
  });
  const required = await run("node", ["-p", "require('@acme/kit')"], join(dir, "user"));
  expect(required).toEqual({ status: 0, output: "1\n" });
});

test("npm stages a version, lists it and approves it", async () => {
  await lay({ "kit/package.json": { name: "@acme/kit", version: "1.0.0" } });
  await writeFile(
    join(dir, "kit/.npmrc"),
    `registry=${url}\n${url.replace("http:", "")}:_authToken=secret\n`,
  );
  const kit = join(dir, "kit");
  const staged = await run("npm", ["stage", "publish", "--access", "public"], kit);
  expect(staged.status, staged.output).toBe(0);
  expect(registry.snapshot()).toEqual({});
  const id = registry.staged()["@acme/kit@1.0.0"] ?? "";
  const listed = await run("npm", ["stage", "list", "@acme/kit"], kit);
  expect(listed).toMatchObject({ status: 0, output: expect.stringContaining(id) as string });
  expect(await run("npm", ["stage", "approve", id], kit)).toMatchObject({ status: 0 });
  expect(registry.snapshot()["@acme/kit"]?.distTags).toEqual({ latest: "1.0.0" });
});

test("pnpm publishes a workspace", async ({ skip }) => {
  if (!existsSync(pnpm)) return skip("the toolchain holds no pnpm for this machine");
  await lay({
    "pnpm-workspace.yaml": "packages: ['packages/*']\n",
    "package.json": { private: true },
    "packages/a/package.json": { name: "a", version: "1.0.0", main: "a.js" },
    "packages/a/a.js": "module.exports = 'a';\n",
    "packages/b/package.json": {
      name: "b",
      version: "1.0.0",
      main: "b.js",
      dependencies: { a: "workspace:^" },
    },
    "packages/b/b.js": "module.exports = require('a') + 'b';\n",
  });
  expect(await run(pnpm, ["install", "--offline"])).toMatchObject({ status: 0 });
  const published = await run(pnpm, ["publish", "-r", "--no-git-checks", "--access", "public"]);
  expect(published.status, published.output).toBe(0);
  expect(Object.keys(registry.snapshot())).toEqual(["a", "b"]);
  const view = await registryClient({ url, auth: null }).view("b");
  expect(view?.versions["1.0.0"]?.manifest["dependencies"]).toEqual({ a: "^1.0.0" });
});

test.for(["changesets-2", "changesets-3"])("%s publishes what is missing", async (generation, { skip }) => {
  const changesets = onDemand("changesets");
  if ("missing" in changesets) return skip(changesets.missing);
  await lay({
    "package.json": { private: true, name: "root", workspaces: ["packages/*"] },
    "package-lock.json": { lockfileVersion: 3, packages: {} },
    ".changeset/config.json": { access: "public", baseBranch: "main", changelog: false },
    "packages/a/package.json": { name: "a", version: "1.0.0" },
    "packages/b/package.json": { name: "b", version: "1.1.0" },
  });
  registry.plant({ name: "b", version: "1.0.0", tarball: Buffer.from("b") });
  for (const args of [
    ["init", "-q"],
    ["add", "."],
    ["-c", "user.name=a", "-c", "user.email=a@a.test", "commit", "-qm", "all"],
  ]) {
    await run("git", args);
  }
  const program = join(changesets.folder, generation, "bin.js");
  const published = await run(process.execPath, [program, "publish", "--no-git-tag"]);
  expect(published.status, published.output).toBe(0);
  expect(registry.snapshot()).toMatchObject({
    a: { distTags: { latest: "1.0.0" } },
    b: { distTags: { latest: "1.1.0" } },
  });
});
