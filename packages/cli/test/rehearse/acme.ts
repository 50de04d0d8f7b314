import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A monorepo of two packages that npm manages, with a pending changeset, in a home of its own. */
export interface Acme {
  readonly home: string;
  readonly repository: string;
  /** The temporary directory that rehearsals of this repository use. */
  readonly temporary: string;
  readonly env: Record<string, string>;
  write(path: string, content: string | object): void;
  commit(message: string): void;
  git(...args: string[]): string;
  slipway(...args: string[]): Promise<Ended>;
  start(...args: string[]): ChildProcess;
  remove(): void;
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const main = join(import.meta.dirname, "../../src/start.ts");

export function makeAcme(registryUrl: string): Acme {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "acme-")));
  const repository = join(home, "acme");
  const temporary = join(home, "tmp");
  mkdirSync(repository);
  mkdirSync(temporary);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    TMPDIR: temporary,
    CI: "true",
    SLIPWAY_CACHE_DIR: join(home, "cache"),
    npm_config_cache: join(home, "npm-cache"),
    npm_config_fetch_retries: "0",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
  };
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: repository, env, encoding: "utf8" });
  const write = (path: string, content: string | object): void => {
    const text = typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`;
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
  };
  const commit = (message: string): void => {
    git("add", "--all");
    git("-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", message);
  };
  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, ["--conditions=source", main, ...args], {
      cwd: repository,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
  writeFiles(write, registryUrl);
  git("init", "-q", "-b", "main");
  commit("first");
  return {
    home,
    repository,
    temporary,
    env,
    write,
    commit,
    git,
    start,
    slipway: (...args) => ended(start(...args)),
    remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** Everything below a folder, for comparing before and after. */
export function tree(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).toSorted();
}

function writeFiles(write: Acme["write"], registryUrl: string): void {
  write("package.json", { name: "acme", private: true, workspaces: ["packages/*"], license: "MIT" });
  write(".npmrc", `registry=${registryUrl}\n`);
  write(".gitignore", "node_modules\ndist\n");
  write(".changeset/config.json", { changelog: false, access: "public", baseBranch: "main" });
  write(".changeset/brave-ships.md", '---\n"@acme/core": minor\n---\n\nShips sail.\n');
  write("packages/core/package.json", manifest("@acme/core", { bin: { acme: "./bin.js" } }));
  write("packages/core/src.js", 'export const sail = () => "sails";\n');
  write("packages/core/bin.js", '#!/usr/bin/env node\nconsole.log("1.0.0");\n');
  write("packages/core/build.sh", "mkdir -p dist && cp src.js dist/index.js\n");
  write("packages/app/package.json", manifest("@acme/app", { dependencies: { "@acme/core": "^1.0.0" } }));
  write("packages/app/src.js", 'export { sail } from "@acme/core";\n');
  write("packages/app/build.sh", "mkdir -p dist && cp src.js dist/index.js\n");
  write("package-lock.json", lockfile());
}

function manifest(name: string, more: object): object {
  return {
    name,
    version: "1.0.0",
    description: "A ship.",
    license: "MIT",
    repository: "acme/acme",
    type: "module",
    exports: { ".": "./dist/index.js" },
    files: ["dist", "bin.js"],
    scripts: { build: "sh build.sh" },
    ...more,
  };
}

function lockfile(): object {
  const link = (dir: string): object => ({ resolved: dir, link: true });
  return {
    name: "acme",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": { name: "acme", license: "MIT", workspaces: ["packages/*"] },
      "node_modules/@acme/app": link("packages/app"),
      "node_modules/@acme/core": link("packages/core"),
      "packages/app": {
        name: "@acme/app",
        version: "1.0.0",
        license: "MIT",
        dependencies: { "@acme/core": "^1.0.0" },
      },
      "packages/core": { name: "@acme/core", version: "1.0.0", license: "MIT", bin: { acme: "bin.js" } },
    },
  };
}

function ended(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, stdout, stderr })));
}
