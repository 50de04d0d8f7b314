import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReleaseRequest } from "../../src/journeys/release/request.ts";

/** A repository with an origin, and packages `@demo/p0` to `@demo/pN` that need each other and build something new each time. */
export interface DemoRepository {
  readonly folder: string;
  readonly clone: string;
  git(...args: string[]): string;
  /** Commits this version for all packages, and pushes it. */
  bump(version: string): string;
  /** Another machine: a clone of the origin. */
  anotherMachine(): string;
  remove(): void;
}

export function demoRepository(count: number, registryUrl: string): DemoRepository {
  const folder = mkdtempSync(join(tmpdir(), "slipway-demo-"));
  const clone = join(folder, "clone");
  const origin = join(folder, "origin.git");
  mkdirSync(clone);
  const git = (...args: string[]): string => run(clone, ...args);
  git("init", "--quiet", "--initial-branch=main");
  run(folder, "init", "--quiet", "--bare", "--initial-branch=main", origin);
  git("remote", "add", "origin", origin);
  write(clone, "package.json", JSON.stringify({ name: "root", private: true, workspaces: ["packages/*"] }));
  write(clone, ".gitignore", "dist\nnode_modules\n");
  write(
    clone,
    ".npmrc",
    `registry=${registryUrl}\n${registryUrl.replace("http:", "")}:_authToken=\${DEMO_TOKEN}\n`,
  );
  for (let at = 0; at < count; at++) write(clone, `packages/p${at}/build.mjs`, build);
  let machines = 0;
  const bump = (version: string): string => {
    for (let at = 0; at < count; at++) {
      write(clone, `packages/p${at}/package.json`, `${JSON.stringify(manifest(at, version), null, 2)}\n`);
    }
    git("add", "--all");
    git("-c", "user.name=demo", "-c", "user.email=demo@localhost", "commit", "--quiet", "--message", version);
    git("push", "--quiet", "origin", "main");
    return git("rev-parse", "HEAD");
  };
  return {
    folder,
    clone,
    git,
    bump,
    anotherMachine: () => {
      const there = join(folder, `machine-${++machines}`);
      run(folder, "clone", "--quiet", origin, there);
      return there;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function releaseRequest(cwd: string, env: Readonly<Record<string, string>> = {}): ReleaseRequest {
  return {
    cwd,
    env: { ...process.env, DEMO_TOKEN: "demo", npm_config_fetch_retries: "0", ...env },
    signal: new AbortController().signal,
    channel: null,
    buildTask: "build",
    approve: () => Promise.resolve(true),
    carryOut: (root, plan) => {
      for (const { dir, command } of plan.tasks) {
        if (command !== null) execFileSync("sh", ["-c", command], { cwd: join(root, dir), stdio: "ignore" });
      }
      const tasks = plan.tasks.length;
      const none = { hits: 0, failed: 0, skipped: 0, durationMs: 0, savedMs: 0 };
      return Promise.resolve({ type: "finished", tasks, misses: tasks, exit: 0, ...none });
    },
  };
}

/** Other bytes each time: what an unstable build does to a release that has to go on elsewhere. */
const build = `
import { mkdirSync, writeFileSync } from "node:fs";
mkdirSync("dist", { recursive: true });
writeFileSync("dist/index.js", "export const builtAt = " + process.hrtime.bigint() + "n;\\n");
`;

function manifest(at: number, version: string): Record<string, unknown> {
  return {
    name: `@demo/p${at}`,
    version,
    description: "a demo",
    license: "MIT",
    repository: "github:demo/demo",
    type: "module",
    exports: "./dist/index.js",
    files: ["dist"],
    scripts: { build: "node build.mjs" },
    dependencies: at === 0 ? {} : { [`@demo/p${at - 1}`]: "workspace:^" },
    publishConfig: { access: "public" },
  };
}

function write(root: string, path: string, text: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}

function run(cwd: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8" }).trim();
}
