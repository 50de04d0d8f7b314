import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { integrityOf, sha256 } from "@slipway/kernel";
import { packPackage, readTarball, type PackRequest } from "@slipway/registry";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let root = "";
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), "slipway pack-"))));
afterEach(() => rm(root, { recursive: true, force: true }));

async function lay(files: Readonly<Record<string, string | object>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  }
}

async function pack(over: Partial<PackRequest> = {}) {
  const ranges = { versions: {}, catalogs: {} };
  return packPackage({
    dir: join(root, "packages/kit"),
    ranges,
    workspaceRoot: root,
    to: join(root, "out"),
    ...over,
  });
}

const kit = { name: "@acme/kit", version: "1.0.0" };

test("the digests are those of the tarball that lies where it says", async () => {
  await lay({ "packages/kit/package.json": kit, "packages/kit/index.js": "1\n" });
  const { tarball, bytes } = await pack();
  expect(tarball).toMatchObject({
    ...kit,
    files: ["index.js", "package.json"],
    manifest: kit,
    sizeBytes: bytes.length,
  });
  expect(tarball.path).toBe(join(root, "out", "@acme+kit-1.0.0.tgz"));
  expect(tarball.integrity).toBe(integrityOf(bytes));
  expect(tarball.tarSha256).toBe(sha256(gunzipSync(bytes)));
});

test("time, modes and the file system's owner bits do not count; content does", async () => {
  await lay({ "packages/kit/package.json": kit, "packages/kit/index.js": "1\n" });
  const before = (await pack()).tarball.integrity;
  await chmod(join(root, "packages/kit/index.js"), 0o700);
  await utimes(join(root, "packages/kit/index.js"), 1, 1);
  expect((await pack()).tarball.integrity).toBe(before);
  await writeFile(join(root, "packages/kit/index.js"), "2\n");
  expect((await pack()).tarball.integrity).not.toBe(before);
});

test("a gzip header tells nothing of the machine", async () => {
  await lay({ "packages/kit/package.json": kit });
  expect([...(await pack()).bytes.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
});

test("bins and what git has as executable are 755, all else is 644", async () => {
  const manifest = { ...kit, bin: { kit: "./bin/kit.js" }, publishConfig: { executableFiles: ["tool.sh"] } };
  await lay({
    "packages/kit/package.json": manifest,
    "packages/kit/bin/kit.js": "#!/usr/bin/env node\n",
    "packages/kit/hook.sh": "#!/bin/sh\n",
    "packages/kit/tool.sh": "#!/bin/sh\n",
    "packages/kit/index.js": "",
  });
  await chmod(join(root, "packages/kit/index.js"), 0o755);
  const modes = readTarball((await pack({ executables: ["hook.sh"] })).bytes).map(({ path, mode }) => [
    path,
    mode.toString(8),
  ]);
  expect(Object.fromEntries(modes)).toEqual({
    "bin/kit.js": "755",
    "hook.sh": "755",
    "index.js": "644",
    "package.json": "644",
    "tool.sh": "755",
  });
});

test("directories.bin makes its files executable where there is no bin", async () => {
  await lay({
    "packages/kit/package.json": { ...kit, directories: { bin: "./bin" } },
    "packages/kit/bin/sub/run": "",
  });
  const entries = readTarball((await pack()).bytes);
  expect(entries.find(({ path }) => path === "bin/sub/run")?.mode).toBe(0o755);
});

describe("a package.json", () => {
  test("is packed as it is written when nothing has to change", async () => {
    const text = '{\t"name": "@acme/kit",\n\n "version": "1.0.0" }';
    await lay({ "packages/kit/package.json": text });
    expect(Buffer.from(readTarball((await pack()).bytes)[0]?.bytes ?? []).toString()).toBe(text);
  });

  test("is rewritten when a range stands for a version, and the manifest in hand is the packed one", async () => {
    await lay({ "packages/kit/package.json": { ...kit, dependencies: { b: "workspace:^" } } });
    const { tarball, bytes } = await pack({ ranges: { versions: { b: "2.0.0" }, catalogs: {} } });
    const packed = JSON.parse(Buffer.from(readTarball(bytes)[0]?.bytes ?? []).toString()) as unknown;
    expect(packed).toEqual({ ...kit, dependencies: { b: "^2.0.0" } });
    expect(tarball.manifest).toEqual(packed);
  });

  test("that is broken or missing is said with its path", async () => {
    await lay({ "packages/kit/package.json": "{ name" });
    await expect(pack()).rejects.toMatchObject({ code: "workspace/bad-manifest" });
    await expect(pack({ dir: join(root, "nowhere") })).rejects.toMatchObject({ code: "pack/unreadable" });
  });
});

describe("a LICENSE of the workspace", () => {
  test("is taken when the package has none", async () => {
    await lay({ LICENSE: "MIT", "packages/kit/package.json": kit });
    expect((await pack()).tarball.files).toEqual(["LICENSE", "package.json"]);
  });

  test("is not taken when the package has one, or when none is wanted", async () => {
    await lay({ "LICENSE.txt": "MIT", "packages/kit/package.json": kit });
    expect((await pack({ workspaceRoot: null })).tarball.files).toEqual(["package.json"]);
    await lay({ "packages/kit/LICENCE": "ISC" });
    expect((await pack()).tarball.files).toEqual(["LICENCE", "package.json"]);
  });
});

test.each(["pnpm", "npm"] as const)(
  "publishConfig.directory is packed instead, with its own manifest, in %s's style",
  async (style) => {
    await lay({
      "packages/kit/package.json": { ...kit, publishConfig: { directory: "dist" } },
      "packages/kit/src/index.ts": "",
      "packages/kit/dist/package.json": { ...kit, main: "index.js" },
      "packages/kit/dist/index.js": "",
    });
    expect((await pack({ style })).tarball).toMatchObject({
      files: ["index.js", "package.json"],
      manifest: { main: "index.js" },
    });
  },
);

test("a publishConfig.directory that is not built yet is said", async () => {
  await lay({ "packages/kit/package.json": { ...kit, publishConfig: { directory: "dist" } } });
  await expect(pack()).rejects.toMatchObject({
    code: "pack/unreadable",
    hint: "build the package before it is packed",
  });
});

test("bundled dependencies go along with all that they need", async () => {
  await lay({
    "packages/kit/package.json": { ...kit, dependencies: { a: "1" }, bundledDependencies: ["a"] },
    "packages/kit/node_modules/a/package.json": { name: "a", version: "1.0.0", dependencies: { b: "1" } },
    "packages/kit/node_modules/a/index.js": "",
    "packages/kit/node_modules/b/package.json": { name: "b", version: "1.0.0" },
    "packages/kit/node_modules/c/package.json": { name: "c", version: "1.0.0" },
  });
  expect((await pack()).tarball.files).toEqual([
    "node_modules/a/index.js",
    "node_modules/a/package.json",
    "node_modules/b/package.json",
    "package.json",
  ]);
});

test("symbolic links are left out, as npm leaves them out", async () => {
  await lay({ "packages/kit/package.json": kit, "secret.txt": "do not pack" });
  await symlink(join(root, "secret.txt"), join(root, "packages/kit/link.txt"));
  expect((await pack()).tarball.files).toEqual(["package.json"]);
});

test("paths of any length and any letters survive", async () => {
  const paths = [
    `${"deep/".repeat(30)}file.js`,
    `${"x".repeat(120)}.js`,
    "grüße 🚢.js",
    `${"ü".repeat(80)}.js`,
  ];
  await lay({
    "packages/kit/package.json": kit,
    ...Object.fromEntries(paths.map((path) => [`packages/kit/${path}`, path])),
  });
  const entries = readTarball((await pack()).bytes);
  for (const path of paths) {
    expect(Buffer.from(entries.find((entry) => entry.path === path)?.bytes ?? []).toString()).toBe(path);
  }
});
