import { startVerdaccio, type EmbeddedRegistry } from "@slipway/registry";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder = "";
let registry: EmbeddedRegistry;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-contract-"));
  registry = await startVerdaccio({
    storage: join(folder, "registry"),
    uplink: null,
    config: "production",
  });
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

const common = {
  version: "1.0.0",
  license: "MIT",
  type: "module",
  exports: "./dist/index.js",
  files: ["dist"],
};

function build(text: string): string {
  return `import { mkdirSync, writeFileSync } from "node:fs";\n${text}\nmkdirSync("dist", { recursive: true });\nwriteFileSync("dist/index.js", "export const word = " + JSON.stringify(word) + ";\\n");\n`;
}

type Write = (path: string, content: unknown) => void;

/** `app` is built from `kit` as npm installs it: by a link, and without a lockfile. */
function npmWorkspace(write: Write): void {
  write("package.json", { name: "root", private: true, workspaces: ["packages/*"] });
  write("packages/kit/package.json", {
    name: "@contract/kit",
    ...common,
    scripts: { build: "node build.js" },
  });
  write("packages/kit/build.js", build('const word = process.env.CONTRACT_TOKEN || "no token";'));
  write("packages/app/package.json", {
    name: "@contract/app",
    ...common,
    scripts: { build: "node build.js", prepack: "echo packed > dist/packed.txt" },
    dependencies: { "@contract/kit": "^1.0.0" },
  });
  write("packages/app/build.js", build('import { word } from "@contract/kit";'));
}

/** What is written for pnpm alone: `web` needs what is on the registry already, by a catalog. */
function pnpmWorkspace(write: Write): void {
  const { packageManager } = JSON.parse(
    readFileSync(join(import.meta.dirname, "../../../../package.json"), "utf8"),
  ) as { packageManager: string };
  write("package.json", { name: "root", private: true, packageManager });
  write("pnpm-workspace.yaml", 'packages: ["packages/*"]\ncatalog:\n  "@contract/kit": ^1.0.0\n');
  write("packages/ui/package.json", { name: "@contract/ui", ...common, scripts: { build: "node build.js" } });
  write("packages/ui/build.js", build('const word = "ui";'));
  write("packages/web/package.json", {
    name: "@contract/web",
    ...common,
    exports: "./src/index.js",
    scripts: { build: "node build.js" },
    dependencies: { "@contract/kit": "catalog:", "@contract/ui": "workspace:^" },
    publishConfig: { exports: "./dist/index.js", tag: "beta" },
  });
  write("packages/web/build.js", build('import { word } from "@contract/ui";\nimport "@contract/kit";'));
  const tool = { name: "@contract/tool", version: "0.0.0", private: true };
  write("packages/tool/package.json", { ...tool, dependencies: { "@contract/web": "workspace:*" } });
}

/** A repository with a bare one as its origin, and a fresh clone of that. */
function cloneOf(name: string, fill: (write: Write) => void): string {
  const root = join(folder, name, "seed");
  const write: Write = (path, content) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  };
  fill(write);
  write(".gitignore", "node_modules\ndist\n");
  write(
    ".npmrc",
    `registry=${registry.url}\n${registry.url.replace("http:", "")}:_authToken=\${CONTRACT_TOKEN}\n`,
  );
  git(root, "init", "--quiet", "--initial-branch=main");
  git(root, "add", "--all");
  git(root, "-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "--quiet", "--message", "one");
  git(join(folder, name), "clone", "--quiet", "--bare", "seed", "origin.git");
  git(join(folder, name), "clone", "--quiet", "origin.git", "clone");
  return join(folder, name, "clone");
}

async function served(name: string): Promise<Record<string, unknown>> {
  return (await (await fetch(`${registry.url}${name.replace("/", "%2f")}`)).json()) as Record<
    string,
    unknown
  >;
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8" });
}

interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function slipwayIn(cwd: string, args: readonly string[]): Promise<Ended> {
  const main = join(import.meta.dirname, "../../src/start.ts");
  const child = spawn(process.execPath, ["--conditions=source", main, ...args], {
    cwd,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      npm_config_userconfig: join(folder, "no-npmrc"),
      CONTRACT_TOKEN: "contract-token",
      CHANGESETS_OUTPUT: join(folder, "output.ndjson"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (chunk: Buffer) => (ended[name] += chunk.toString("utf8")));
  const exit = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { ...ended, exit };
}

test("a clean checkout with registry and token in .npmrc is released to Verdaccio by one command, and then is done", async () => {
  const clone = cloneOf("npm", npmWorkspace);
  const slipway = (...args: string[]) => slipwayIn(clone, args);
  writeFileSync(join(clone, "stray.txt"), "");
  expect(await slipway("release", "--yes")).toMatchObject({ exit: 2, stdout: "" });
  rmSync(join(clone, "stray.txt"));
  const asked = await slipway("release");
  expect(asked.exit).toBe(2);
  expect(asked.stderr).toContain("@contract/kit");
  expect(asked.stderr).toContain("release/not-approved");
  expect(existsSync(join(clone, "node_modules")), "nothing is installed for a plan").toBe(false);

  const { exit, stdout, stderr } = await slipway("release", "--yes");
  expect(exit, stderr).toBe(0);
  // As changesets/action 1 reads them, from stdout.
  const lines = Array.from(
    stdout.matchAll(/^New tag:\s+(@[^/]+\/[^@]+|[^/]+)@([^\s]+)$/gm),
    ([, name]) => name,
  );
  expect(new Set(lines)).toEqual(new Set(["@contract/app", "@contract/kit"]));
  // As changesets/action 2 reads them, from the file.
  const events = readFileSync(join(folder, "output.ndjson"), "utf8").trim().split("\n");
  expect(events.map((line) => JSON.parse(line) as unknown)).toContainEqual({
    type: "git-tag",
    tag: "@contract/kit@1.0.0",
    packageName: "@contract/kit",
  });
  expect(git(clone, "status", "--porcelain")).toBe("");
  const tags = git(clone, "ls-remote", "--tags", "origin");
  for (const name of ["kit", "app"]) {
    expect(tags).toContain(`refs/tags/@contract/${name}@1.0.0^{}`);
    expect((await served(`@contract/${name}`))["dist-tags"]).toEqual({ latest: "1.0.0" });
  }
  const app = await fetch(`${registry.url}@contract/app/-/app-1.0.0.tgz`);
  writeFileSync(join(folder, "app.tgz"), Buffer.from(await app.arrayBuffer()));
  const packed = execFileSync("tar", [
    "-xzOf",
    join(folder, "app.tgz"),
    "package/dist/packed.txt",
    "package/dist/index.js",
  ]);
  // The build had no token, and the script before packing left nothing in the work tree.
  expect(packed.toString()).toBe('export const word = "no token";\npacked\n');
  expect(existsSync(join(clone, "packages/app/dist/packed.txt"))).toBe(false);

  const again = await slipway("release", "--yes", "--json");
  expect(again.exit).toBe(0);
  expect(JSON.parse(again.stdout)).toEqual({
    type: "finished",
    released: [],
    parked: [],
    conflicts: [],
    state: "nothing",
    exit: 0,
  });
});

test("a pnpm workspace goes out with plain ranges and publishConfig applied, and is taken back from another clone", async () => {
  const clone = cloneOf("pnpm", pnpmWorkspace);
  const { exit, stderr } = await slipwayIn(clone, ["release", "--yes"]);
  expect(exit, stderr).toBe(0);
  expect(git(clone, "status", "--porcelain")).toBe("");
  const web = await served("@contract/web");
  expect(web["dist-tags"]).toMatchObject({ beta: "1.0.0" });
  expect((web["versions"] as Record<string, unknown>)["1.0.0"]).toMatchObject({
    exports: "./dist/index.js",
    dependencies: { "@contract/kit": "^1.0.0", "@contract/ui": "^1.0.0" },
  });
  const tags = git(clone, "ls-remote", "--tags", "origin");
  for (const name of ["ui", "web"]) expect(tags).toContain(`refs/tags/@contract/${name}@1.0.0^{}`);
  expect(tags).not.toContain("tool");

  git(join(folder, "pnpm"), "clone", "--quiet", "origin.git", "second");
  const second = join(folder, "pnpm/second");
  expect(await slipwayIn(second, ["release", "--yes"])).toMatchObject({ exit: 0 });
  expect(await slipwayIn(second, ["rollback", "--yes"])).toMatchObject({ exit: 0 });
  const after = await served("@contract/web");
  expect(after["dist-tags"]).toEqual({ latest: "1.0.0" });
  expect((after["versions"] as Record<string, unknown>)["1.0.0"]).toMatchObject({
    deprecated: "rolled back by its maintainers",
  });
});

test("dependencies are installed again after an install that failed", async () => {
  const named = (name: string) => ({ name: `@contract/${name}`, ...common });
  const clone = cloneOf("late", (write) => {
    pnpmWorkspace(write);
    write("packages/ui/package.json", {
      ...named("early"),
      scripts: { build: "node build.js" },
      dependencies: { "@contract/late": "^1.0.0" },
    });
    rmSync(join(folder, "late/seed/packages/web"), { recursive: true });
    rmSync(join(folder, "late/seed/packages/tool"), { recursive: true });
  });
  const failed = await slipwayIn(clone, ["release", "--yes"]);
  expect(failed).toMatchObject({ exit: 3, stderr: expect.stringContaining("host/install-failed") });

  const other = cloneOf("other", (write) => {
    write("package.json", { ...named("late"), exports: "./index.js", files: ["index.js"] });
    write("index.js", "export const late = true;\n");
  });
  expect(await slipwayIn(other, ["release", "--yes"])).toMatchObject({ exit: 0 });

  // As a manager leaves it that puts its store there first.
  mkdirSync(join(clone, "node_modules/.pnpm"), { recursive: true });
  const { exit, stderr } = await slipwayIn(clone, ["release", "--yes"]);
  expect(exit, stderr).toBe(0);
  expect(existsSync(join(clone, "packages/ui/node_modules/@contract/late/index.js"))).toBe(true);
});

test("a package at the root beside private examples is released, and what its scripts need is installed first", async () => {
  const clone = cloneOf("root", (write) => {
    write("package.json", {
      ...common,
      name: "@contract/root",
      workspaces: ["playground"],
      scripts: { build: "node build.js", prepack: "slipway-contract-tool" },
      devDependencies: { "@contract/hooks": "file:hooks" },
    });
    write("hooks/package.json", { name: "@contract/hooks", bin: { "slipway-contract-tool": "tool.js" } });
    write(
      "hooks/tool.js",
      '#!/usr/bin/env node\nrequire("node:fs").writeFileSync("dist/prepared.txt", "");\n',
    );
    write("build.js", build('const word = "root";'));
    write("playground/package.json", { name: "playground", private: true, scripts: { build: "exit 1" } });
  });
  const { exit, stdout, stderr } = await slipwayIn(clone, ["release", "--yes"]);
  expect(exit, stderr).toBe(0);
  expect(stdout).toContain("New tag: v1.0.0\n");
  expect(git(clone, "ls-remote", "--tags", "origin")).toContain("refs/tags/v1.0.0");
  const { "dist-tags": distTags, versions } = await served("@contract/root");
  expect(distTags).toEqual({ latest: "1.0.0" });
  const { dist } = (versions as Record<string, { readonly dist: { readonly tarball: string } }>)["1.0.0"]!;
  const tar = gunzipSync(await (await fetch(dist.tarball)).arrayBuffer()).toString("latin1");
  for (const file of ["index.js", "prepared.txt"]) expect(tar).toContain(`package/dist/${file}`);
});
