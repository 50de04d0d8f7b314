import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A pnpm or npm workspace that every publisher can release, with a bare origin beside it. */
export interface PublisherWorkspace {
  readonly folder: string;
  readonly clone: string;
  /** Of the registry that it is published to. */
  readonly url: string;
  readonly names: readonly string[];
}

export interface WorkspaceOptions {
  readonly folder: string;
  readonly count: number;
  readonly url: string;
  readonly version?: string;
  readonly manager?: "pnpm" | "npm";
  /** How many packages need nothing of one another, as in a layer of a real monorepo; 1 makes a chain. */
  readonly width?: number;
}

/** Packages `@trial/p0` to `@trial/pN`, each needing two before it: its neighbours in the layer before. */
export function makeWorkspace(options: WorkspaceOptions): PublisherWorkspace {
  const { folder, count, url, version = "1.1.0", manager = "pnpm", width = 1 } = options;
  rmSync(folder, { recursive: true, force: true });
  const clone = join(folder, "clone");
  const names = Array.from({ length: count }, (_, at) => `@trial/p${at}`);
  const files: Record<string, string | object> = {
    "package.json": {
      name: "trial",
      version: "0.0.0",
      private: true,
      workspaces: ["packages/*"],
      ...managers[manager],
    },
    ...(manager === "pnpm" ? { "pnpm-workspace.yaml": "packages:\n  - packages/*\npmOnFail: ignore\n" } : {}),
    // What lerna and nx leave behind is no change of the tree.
    ".gitignore": "node_modules\n.nx\nlerna-debug.log\n",
    ".npmrc": npmrc(url),
    ".changeset/config.json": { access: "public", baseBranch: "main", changelog: false, commit: false },
    "lerna.json": { version: "independent", npmClient: manager },
    "nx.json": { release: { projects: ["packages/*"], projectsRelationship: "independent" } },
  };
  for (const [at, name] of names.entries()) {
    const needs = [at - width, at - width - 1]
      .filter((need) => need >= 0)
      .map((need) => [`@trial/p${need}`, "workspace:^"]);
    files[`packages/p${at}/package.json`] = {
      name,
      version,
      license: "MIT",
      repository: "github:trial/trial",
      type: "module",
      exports: "./index.js",
      files: ["index.js"],
      dependencies: Object.fromEntries(
        manager === "pnpm" ? needs : needs.map(([need]) => [need, `^${version}`]),
      ),
      publishConfig: { access: "public" },
    };
    files[`packages/p${at}/index.js`] = `export const number = ${at};\n`;
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    writeFileSync(
      join(clone, path),
      typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`,
    );
  }
  linkPackages(clone, count);
  committed(folder, clone);
  return { folder, clone, url, names };
}

const managers = {
  pnpm: { packageManager: "pnpm@12.21.0" },
  npm: { packageManager: "npm@11.19.1" },
} as const;

function npmrc(url: string): string {
  return [
    `registry=${url}`,
    `${url.replace("http:", "")}:_authToken=trial`,
    // As often as they please, without their waits of ten seconds and a minute.
    "fetch-retry-mintimeout=10",
    "fetch-retry-maxtimeout=100",
    "fetch-timeout=3000",
    "",
  ].join("\n");
}

/** As an install would, without one. */
function linkPackages(clone: string, count: number): void {
  const scope = join(clone, "node_modules/@trial");
  mkdirSync(scope, { recursive: true });
  for (let at = 0; at < count; at++) symlinkSync(`../../packages/p${at}`, join(scope, `p${at}`));
}

function committed(folder: string, clone: string): void {
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: clone, encoding: "utf8" });
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "trial");
  git("config", "user.email", "trial@localhost");
  git("config", "commit.gpgSign", "false");
  git("config", "tag.gpgSign", "false");
  git("add", "--all");
  git("commit", "--quiet", "--message", "one");
  execFileSync("git", ["clone", "--quiet", "--bare", clone, join(folder, "origin.git")]);
  git("remote", "add", "origin", join(folder, "origin.git"));
}
