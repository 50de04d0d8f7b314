import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bringPackageManager,
  installFrozen,
  pathWith,
  refreshLockfile,
  type PinnedManager,
} from "../src/index.ts";

const signal = new AbortController().signal;
let home = "";

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "managers-"));
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Each with the lockfile that the manager itself writes for a workspace of two packages without outside dependencies. */
const cases: readonly { readonly pinned: PinnedManager; readonly lockfile: string }[] = [
  { pinned: { name: "pnpm", version: "9.15.9+sha512.0", berry: false }, lockfile: "pnpm-lock.yaml" },
  { pinned: { name: "yarn", version: "4.9.4", berry: true }, lockfile: "yarn.lock" },
  { pinned: { name: "yarn", version: "1.22.22", berry: false }, lockfile: "yarn.lock" },
];

describe.each(cases)("$pinned.name $pinned.version", ({ pinned, lockfile }) => {
  test("is brought in the pinned version, installs frozen, and is what scripts find on their PATH", async () => {
    const root = workspaceFor(pinned);
    const manager = await bringPackageManager(pinned, root, join(home, "cache"));
    expect(manager.version).toBe(pinned.version?.replace(/\+.*/, ""));
    const env = { ...process.env, HOME: home, npm_config_fetch_retries: "0" };
    await makeLockfile(root, manager.argv, env);
    expect(existsSync(join(root, lockfile))).toBe(true);
    const before = readFileSync(join(root, lockfile), "utf8");
    await installFrozen(root, manager, { env, signal });
    expect(readFileSync(join(root, lockfile), "utf8")).toBe(before);
    expect(
      existsSync(join(root, "node_modules/b/package.json")) ||
        existsSync(join(root, "packages/a/node_modules/b/package.json")),
    ).toBe(true);
    const path = pathWith(manager.binDir, process.env["PATH"]);
    expect(path.split(delimiter)[0]).toBe(manager.binDir);
    const said = execFileSync(pinned.name, ["--version"], {
      cwd: root,
      env: { ...env, PATH: path },
      encoding: "utf8",
    });
    expect(said.trim()).toBe(manager.version);
  });
});

test("an install that fails says why in the manager's own words", async () => {
  const pinned: PinnedManager = { name: "npm", version: null, berry: false };
  const root = workspaceFor(pinned);
  const manager = await bringPackageManager(pinned, root, join(home, "cache"));
  const install = installFrozen(root, manager, { env: { ...process.env, HOME: home }, signal });
  await expect(install).rejects.toMatchObject({
    code: "host/install-failed",
    message: expect.stringContaining("package-lock.json"),
  });
});

test("a lockfile is brought up to date after a version changed, without touching node_modules", async () => {
  const pinned: PinnedManager = { name: "npm", version: null, berry: false };
  const root = workspaceFor(pinned);
  const manager = await bringPackageManager(pinned, root, join(home, "cache"));
  const env = { ...process.env, HOME: home, npm_config_fetch_retries: "0" };
  await makeLockfile(root, manager.argv, env);
  const manifest = join(root, "packages/b/package.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace("1.0.0", "1.1.0"));
  expect(await refreshLockfile(root, manager, { env, signal })).toMatchObject({ refreshed: true });
  expect(readFileSync(join(root, "package-lock.json"), "utf8")).toContain('"version": "1.1.0"');
});

function workspaceFor(pinned: PinnedManager): string {
  const root = mkdtempSync(join(home, "workspace-"));
  writeFileSync(
    join(root, "package.json"),
    JSON.stringify({ name: "root", private: true, version: "0.0.0", workspaces: ["packages/*"] }),
  );
  writeFileSync(join(root, "pnpm-workspace.yaml"), "packages: [packages/*]\n");
  if (pinned.berry) writeFileSync(join(root, ".yarnrc.yml"), "nodeLinker: node-modules\n");
  for (const name of ["a", "b"]) {
    const dir = join(root, "packages", name);
    mkdirSync(dir, { recursive: true });
    const range = pinned.name === "pnpm" ? "workspace:*" : "^1.0.0";
    writeFileSync(
      join(dir, "package.json"),
      JSON.stringify({ name, version: "1.0.0", ...(name === "a" ? { dependencies: { b: range } } : {}) }),
    );
  }
  return root;
}

async function makeLockfile(root: string, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const [file = "", ...rest] = argv;
  execFileSync(file, [...rest, "install"], {
    cwd: root,
    env: { ...env, YARN_ENABLE_IMMUTABLE_INSTALLS: "false" },
    stdio: "pipe",
  });
}
