import { execFileSync, spawn } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { onDemand } from "../on-demand.ts";
import type { PublisherWorkspace } from "./workspace.ts";

const root = join(import.meta.dirname, "../..");

/** A tool that publishes every version of a workspace that its registry has not. */
export interface Publisher {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Whether it makes git tags. */
  readonly makesTags: boolean;
  /** Whose workspace it is given. */
  readonly manager: "pnpm" | "npm";
  /** What has to be brought before its first start; null: it is here. */
  readonly missing: string | null;
  /** Somebody takes back what the run before changed in the tree. */
  readonly startsClean?: boolean;
  /** What it asks for in the workspace's node_modules, by name, and where that stands. */
  readonly modules?: Readonly<Record<string, string>>;
}

export interface Published {
  readonly exit: number | null;
  /** After how long it was killed because it did not end; null when it did. */
  readonly hungSeconds: number | null;
  readonly output: string;
  readonly wallSeconds: number;
}

const node = join(root, "node_modules/.bin/node");

/** Slipway first; the others in the versions of their locks. */
export function publishers(): readonly Publisher[] {
  const pnpm = join(root, `tools/toolchain/node_modules/@pnpm/exe.${process.platform}-${process.arch}/pnpm`);
  return [
    here("slipway", join(root, "tools/slipway"), ["release", "--yes"]),
    here("npm publish --workspaces", "npm", ["publish", "--workspaces"]),
    here("pnpm -r publish", pnpm, ["-r", "publish", "--no-git-checks"]),
    scripted("changesets 2.31", "changesets", ["changesets-2/bin.js", "publish"]),
    scripted("changesets 3.0", "changesets", ["changesets-3/bin.js", "publish"]),
    scripted("lerna 10", "lerna", ["lerna/dist/cli.js", "publish", "from-package", "--yes"]),
    withPlugin(scripted("nx 23", "nx-publisher", ["nx/dist/bin/nx.js", "release", "publish"])),
  ];
}

/** And lerna as it is used by who knows that it changes manifests and does not always put them back. */
export function publishersByHand(): readonly Publisher[] {
  return publishers().flatMap((each) =>
    each.name.startsWith("lerna")
      ? [each, { ...each, name: `${each.name} after git checkout`, startsClean: true }]
      : [each],
  );
}

function here(name: string, program: string, args: readonly string[]): Publisher {
  const isThere = !program.includes("/") || existsSync(program);
  const missing = isThere ? null : `${program} is not there`;
  const manager = program === "npm" ? "npm" : "pnpm";
  return { name, program, args, makesTags: name === "slipway", manager, missing };
}

function scripted(name: string, home: string, [script = "", ...args]: readonly string[]): Publisher {
  const brought = onDemand(home);
  const common = { name, program: node, makesTags: home === "changesets", manager: "pnpm" } as const;
  if ("missing" in brought) return { ...common, args: [], missing: brought.missing };
  const path = join(brought.folder, script);
  const missing = existsSync(path) ? null : `${path} is not there`;
  return { ...common, args: [path, ...args], missing };
}

/** nx finds what publishes, a plugin, in the workspace alone; without pnpm's lockfile it calls npm. */
function withPlugin(nx: Publisher): Publisher {
  const modules = join(root, "tools/nx-publisher/node_modules");
  return { ...nx, manager: "npm", modules: { nx: join(modules, "nx"), "@nx": join(modules, "@nx") } };
}

/** Links what a publisher asks for into the workspace. */
export function equip({ modules = {} }: Publisher, { clone }: PublisherWorkspace): void {
  for (const [name, target] of Object.entries(modules)) {
    const link = join(clone, "node_modules", name);
    if (!existsSync(link)) symlinkSync(target, link);
  }
}

/** One run, to its end, without holding this process up: the registry may live here. */
export function publish(
  publisher: Publisher,
  workspace: PublisherWorkspace,
  msMax = 300_000,
): Promise<Published> {
  const env = environmentIn(workspace);
  equip(publisher, workspace);
  if (publisher.startsClean) execFileSync("git", ["checkout", "--quiet", "."], { cwd: workspace.clone });
  const startedMs = performance.now();
  return new Promise((resolve) => {
    // A group of its own: what waits for an answer may be a child of a child.
    const child = spawn(publisher.program, publisher.args, {
      cwd: workspace.clone,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let isKilled = false;
    const timer = setTimeout(() => {
      isKilled = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, msMax);
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000)));
    child.on("close", (exit) => {
      clearTimeout(timer);
      const hungSeconds = isKilled ? Math.round(msMax / 1000) : null;
      resolve({ exit, hungSeconds, output, wallSeconds: (performance.now() - startedMs) / 1000 });
    });
  });
}

/** How a run ended, for a table. */
export function endOf({ exit, hungSeconds }: Pick<Published, "exit" | "hungSeconds">): string {
  return hungSeconds === null ? `exit ${exit ?? "by a signal"}` : `hangs, killed after ${hungSeconds} s`;
}

/** What every publisher gets: a HOME of its own, and the registry by both names that they look for. */
export function environmentIn({ folder, url }: PublisherWorkspace): Record<string, string> {
  const path = [
    join(root, "node_modules/.bin"),
    join(root, `tools/toolchain/node_modules/@pnpm/exe.${process.platform}-${process.arch}`),
    process.env["PATH"],
  ];
  return {
    PATH: path.join(delimiter),
    HOME: folder,
    XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? folder, ".cache"),
    npm_config_cache: join(folder, "npm-cache"),
    // Changesets 2 reads no .npmrc.
    npm_config_registry: url,
    npm_config_update_notifier: "false",
    pnpm_config_fetch_retry_mintimeout: "10",
    pnpm_config_fetch_retry_maxtimeout: "100",
    pnpm_config_fetch_timeout: "3000",
    NX_DAEMON: "false",
    NX_TUI: "false",
    CI: "true",
    NO_COLOR: "1",
  };
}
