/**
 * Workspaces locked by each package manager itself, versioned by Slipway, installed frozen afterwards: the manager must
 * take the edited lockfile, and, asked to bring it up to date, have nothing to change in it. Whether it would have taken
 * the lockfile without the edit is told, too.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  bringPackageManager,
  pathWith,
  quietManagers,
  type BroughtManager,
  type PinnedManager,
} from "../../packages/host/src/index.ts";
import { planAndApplyVersions } from "../../packages/cli/src/journeys/version.ts";

interface Kind {
  readonly title: string;
  readonly manager: PinnedManager;
  readonly lockfile: string;
  readonly install: readonly string[];
  readonly frozen: readonly string[];
  /** Ranges of the packages of the workspace among each other. */
  readonly range: string;
  readonly catalog: boolean;
}

const kinds: readonly Kind[] = [
  {
    title: "pnpm 12 (lockfile 9.0)",
    manager: { name: "pnpm", version: "12.21.0", berry: false },
    lockfile: "pnpm-lock.yaml",
    install: ["install", "--no-frozen-lockfile"],
    frozen: ["install", "--frozen-lockfile"],
    range: "workspace:^1.0.0",
    catalog: true,
  },
  {
    title: "pnpm 8 (lockfile 6.0)",
    manager: { name: "pnpm", version: "8.15.9", berry: false },
    lockfile: "pnpm-lock.yaml",
    install: ["install", "--no-frozen-lockfile"],
    frozen: ["install", "--frozen-lockfile"],
    range: "workspace:^1.0.0",
    catalog: false,
  },
  {
    title: "npm, the one that Node brings",
    manager: { name: "npm", version: null, berry: false },
    lockfile: "package-lock.json",
    install: ["install"],
    frozen: ["ci"],
    range: "^1.0.0",
    catalog: false,
  },
  {
    title: "Yarn 4",
    manager: { name: "yarn", version: "4.9.4", berry: true },
    lockfile: "yarn.lock",
    install: ["install", "--no-immutable"],
    frozen: ["install", "--immutable"],
    range: "workspace:^1.0.0",
    catalog: false,
  },
  {
    title: "Yarn 1",
    manager: { name: "yarn", version: "1.22.22", berry: false },
    lockfile: "yarn.lock",
    install: ["install"],
    frozen: ["install", "--frozen-lockfile"],
    range: "^1.0.0",
    catalog: false,
  },
  {
    title: "bun 1",
    manager: { name: "bun", version: "1.4.5", berry: false },
    lockfile: "bun.lock",
    install: ["install"],
    frozen: ["install", "--frozen-lockfile"],
    range: "workspace:^1.0.0",
    catalog: true,
  },
];

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const figures: Record<string, string> = {};
  let failed = 0;
  for (const kind of kinds) {
    const home = mkdtempSync(join(tmpdir(), "slipway-frozen-"));
    try {
      figures[kind.title] = await shown(kind, home);
    } catch (error) {
      failed++;
      figures[kind.title] = "failed";
      options.log(`${kind.title}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  }
  const summary =
    "Workspaces locked by the package manager itself, versioned by Slipway (a major bump, its dependents, a new catalog entry), then installed frozen.";
  return { name: "frozen-installs", summary, figures, failed };
}

/** @returns in words what held; throws with what did not */
async function shown(kind: Kind, home: string): Promise<string> {
  const [made, edited, stale] = ["made", "edited", "stale"].map((name) => join(home, name)) as [
    string,
    string,
    string,
  ];
  layOut(made, kind);
  const manager = await bringPackageManager(kind.manager, made, join(home, "cache"));
  const run = (dir: string, args: readonly string[]): Ended => runIn(dir, { manager, args, home });
  expectGood(run(made, kind.install), "the first install");
  for (const dir of [edited, stale]) cpSync(made, dir, { recursive: true, verbatimSymlinks: true });
  const before = readFileSync(join(made, kind.lockfile), "utf8");
  await planAndApplyVersions(edited, { env: {}, nowMs: 0, generation: 3 });
  await planAndApplyVersions(stale, { env: {}, nowMs: 0, generation: 3, lockfile: false });
  const after = readFileSync(join(edited, kind.lockfile), "utf8");
  const refused = run(stale, kind.frozen).status !== 0;
  expectGood(run(edited, kind.frozen), "the frozen install");
  if (readFileSync(join(edited, kind.lockfile), "utf8") !== after)
    throw new Error("the frozen install changed the lockfile");
  expectGood(run(edited, kind.install), "the install that may change the lockfile");
  if (readFileSync(join(edited, kind.lockfile), "utf8") !== after)
    throw new Error("the manager itself writes another lockfile");
  const what = before === after ? "nothing to edit" : "edited as the manager writes it";
  return `${what}; frozen install passes${refused ? ", and refuses without the edit" : ""}`;
}

function layOut(dir: string, { manager, range, catalog }: Kind): void {
  const { name, version } = manager;
  const catalogs = { catalog: { ms: "2.1.3" } };
  const files: Record<string, unknown> = {
    "package.json": {
      name: "root",
      private: true,
      ...(version === null ? {} : { packageManager: `${name}@${version}` }),
      workspaces: catalog && name === "bun" ? { packages: ["packages/*"], ...catalogs } : ["packages/*"],
    },
    "packages/alpha/package.json": {
      name: "alpha",
      version: "1.0.0",
      dependencies: { ms: catalog ? "catalog:" : "2.1.3" },
    },
    "packages/beta/package.json": { name: "beta", version: "1.0.0", dependencies: { alpha: range } },
    "packages/gamma/package.json": {
      name: "gamma",
      version: "1.2.0",
      dependencies: { beta: range },
      devDependencies: { alpha: range },
    },
    ".changeset/config.json": {
      $schema: "https://unpkg.com/@changesets/config@4.0.1/schema.json",
      changelog: false,
    },
  };
  for (const [path, value] of Object.entries(files))
    put(join(dir, path), `${JSON.stringify(value, null, 2)}\n`);
  const entries = catalog ? "catalog:\n  ms: 2.1.3\n" : "";
  if (name === "pnpm")
    put(join(dir, "pnpm-workspace.yaml"), `packages:\n  - packages/*\n${entries}pmOnFail: ignore\n`);
  if (manager.berry) put(join(dir, ".yarnrc.yml"), "nodeLinker: node-modules\nenableTelemetry: false\n");
  put(join(dir, ".changeset/one.md"), '---\n"alpha": major\n"beta": minor\n---\n\nWords\n');
}

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

interface Ended {
  readonly status: number | null;
  readonly said: string;
}

function runIn(
  cwd: string,
  {
    manager,
    args,
    home,
  }: { readonly manager: BroughtManager; readonly args: readonly string[]; readonly home: string },
): Ended {
  const [file = "", ...first] = manager.argv;
  const { status, stdout, stderr } = spawnSync(file, [...first, ...args], {
    cwd,
    encoding: "utf8",
    timeout: 300_000,
    env: {
      ...process.env,
      ...quietManagers,
      CI: "",
      HOME: home,
      PATH: pathWith(manager.binDir, process.env["PATH"]),
    },
  });
  return { status, said: `${stdout}${stderr}` };
}

function expectGood({ status, said }: Ended, what: string): void {
  if (status !== 0) throw new Error(`${what} ended with ${status}:\n${said.slice(-1500)}`);
}
