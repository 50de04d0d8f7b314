import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** What is measured; each is made again before every call. */
export const stepTitles = {
  noop: "nothing changed, outputs in place",
  leaf: "one leaf changed",
  restore: "outputs gone, all restored",
  graph: "first graph without any state",
  affected: "affected by the last commit",
  cold: "cold, stored as they end",
} as const;

export type StepName = keyof typeof stepTitles;

/** A program and how it is called for each step that it has. */
export interface Contender {
  readonly name: string;
  readonly program: string;
  readonly calls: Readonly<Partial<Record<StepName, readonly string[]>>>;
  /** Variables beyond those that all get. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it wants of the workspace. */
  readonly flavour?: "wireit" | "moon";
  /** What it asks for in the workspace's node_modules, by name, and where that stands. */
  readonly modules?: Readonly<Record<string, string>>;
  /** For how many packages it is measured unless more is asked for: beyond that it takes minutes a call. */
  readonly packagesMax: number;
  /** How it is measured: fewer rounds where a call takes long. */
  readonly roundsMax?: number;
  /** A cold run takes longest by far: so often, and with so many packages at most. */
  readonly cold?: { readonly roundsMax: number; readonly packagesMax: number };
}

const peers = join(root, "tools/peers/node_modules");
const runners = join(root, "tools/runners/node_modules");
const ownNode = join(root, "node_modules/.bin/node");
const everywhere = Number.POSITIVE_INFINITY;

const run = (...args: string[]): Pick<Contender["calls"], "noop" | "leaf" | "restore" | "cold"> => ({
  noop: args,
  leaf: args,
  restore: args,
  cold: args,
});

export const contenders: readonly Contender[] = [
  {
    name: "slipway",
    /** Another build can be measured by naming its start script. */
    program: process.env["SLIPWAY_BENCH_PROGRAM"] ?? join(root, "tools/slipway"),
    calls: {
      ...run("run", "build", "--output-logs=none", "--concurrency=2"),
      graph: ["run", "build", "--plan", "--json"],
      affected: ["affected", "--json", "--base", "HEAD~1"],
    },
    packagesMax: everywhere,
  },
  {
    name: "turbo",
    program: join(peers, ".bin/turbo"),
    calls: {
      ...run("run", "build", "--output-logs=none", "--concurrency=2"),
      graph: ["run", "build", "--dry=json"],
      affected: ["ls", "--affected", "--output=json"],
    },
    env: { TURBO_SCM_BASE: "HEAD~1" },
    packagesMax: everywhere,
    cold: { roundsMax: 1, packagesMax: 1000 },
  },
  {
    name: "turbo query affected",
    program: join(peers, ".bin/turbo"),
    calls: { affected: ["query", "affected", "--packages", "--base", "HEAD~1"] },
    packagesMax: everywhere,
  },
  {
    name: "bare Node and git",
    /** What nobody who is written for Node and compares with a commit can do without. */
    program: "/bin/sh",
    calls: { affected: ["-c", `"$1" -e 0 && git diff --name-only HEAD~1`, "sh", ownNode] },
    packagesMax: everywhere,
  },
  {
    name: "bare spawner",
    program: ownNode,
    calls: { cold: [join(import.meta.dirname, "bare-spawner.ts"), "2"] },
    packagesMax: everywhere,
  },
  {
    name: "bare restorer",
    program: ownNode,
    calls: { restore: [join(import.meta.dirname, "bare-restorer.ts")] },
    packagesMax: everywhere,
  },
  {
    name: "pnpm -r (no cache)",
    program: "pnpm",
    calls: {
      cold: ["-r", "--workspace-concurrency=2", "--reporter=silent", "run", "build"],
      graph: ["ls", "-r", "--depth", "-1", "--json"],
      affected: ["ls", "--filter", "...[HEAD~1]", "--depth", "-1", "--json"],
    },
    packagesMax: 1000,
  },
  {
    name: "nx, no daemon",
    program: join(peers, ".bin/nx"),
    calls: {
      ...run("run-many", "-t", "build", "--parallel=2", "--outputStyle=static"),
      graph: ["graph", "--file=../nx-graph.json"],
      affected: ["show", "projects", "--affected", "--base=HEAD~1", "--json"],
    },
    env: { NX_DAEMON: "false", NX_NO_CLOUD: "true" },
    modules: { nx: join(peers, "nx") },
    packagesMax: 100,
    roundsMax: 3,
    cold: { roundsMax: 1, packagesMax: 100 },
  },
  {
    name: "lage",
    program: join(runners, ".bin/lage"),
    calls: {
      ...run("build", "--concurrency", "2", "--log-level", "error"),
      graph: ["info", "build"],
      affected: ["info", "build", "--since", "HEAD~1"],
    },
    packagesMax: 100,
    roundsMax: 3,
  },
  {
    name: "wireit",
    program: "pnpm",
    calls: run("--silent", "run", "build:all"),
    env: { WIREIT_PARALLEL: "2", WIREIT_LOGGER: "quiet" },
    flavour: "wireit",
    packagesMax: 100,
    roundsMax: 3,
  },
  {
    name: "moon",
    program: join(runners, ".bin/moon"),
    calls: {
      ...run("run", ":build", "--concurrency", "2", "--log", "error"),
      graph: ["action-graph", "--json"],
      affected: ["query", "projects", "--affected=HEAD~1", "--downstream", "deep"],
    },
    env: { MOON_DAEMON: "false", MOON_TOOLCHAIN_FORCE_GLOBALS: "true", MOON_SKIP_SETUP_TOOLCHAIN: "true" },
    flavour: "moon",
    packagesMax: 100,
    roundsMax: 3,
  },
];
