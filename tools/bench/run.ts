// node tools/bench/run.ts [--packages 100,1000] [--rounds 5] [--steps noop,leaf,restore,graph,cold] [--write]
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generateWorkspace } from "./generate.ts";
import { measure, median, type Sample } from "./measure.ts";

const root = join(import.meta.dirname, "../..");

/** One tool on one step: how it is called, and what makes the step again before each call. */
interface Contender {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

interface Step {
  readonly name: string;
  readonly title: string;
  readonly contenders: readonly Contender[];
  /** Made again before every call. */
  readonly prepare: (dir: string, round: number, contender: Contender) => void;
}

/** Another build of Slipway can be measured by naming its start script. */
const slipway = process.env["SLIPWAY_BENCH_PROGRAM"] ?? join(root, "tools/slipway");
const turbo = join(root, "tools/peers/node_modules/.bin/turbo");
const node = join(root, "node_modules/.bin/node");
const turboRun = ["run", "build", "--output-logs=none", "--concurrency=2"];
const ours: Contender = {
  name: "slipway",
  program: slipway,
  args: ["run", "build", "--output-logs=none", "--concurrency=2"],
};
const theirs: Contender = { name: "turbo", program: turbo, args: turboRun };
const both = [ours, theirs];

const steps: readonly Step[] = [
  { name: "noop", title: "nothing changed, outputs in place", contenders: both, prepare: () => {} },
  { name: "leaf", title: "one leaf changed", contenders: both, prepare: changeLeaf },
  { name: "restore", title: "all outputs deleted, all restored", contenders: both, prepare: deleteOutputs },
  {
    name: "graph",
    title: "first graph without any state",
    contenders: [
      { ...ours, args: ["run", "build", "--plan", "--json"] },
      { ...theirs, args: ["run", "build", "--dry=json"] },
    ],
    prepare: forgetState,
  },
  {
    name: "cold",
    title: "cold, stored as they end",
    contenders: [
      ours,
      { name: "bare spawner", program: node, args: [join(import.meta.dirname, "bare-spawner.ts"), "2"] },
      theirs,
    ],
    prepare: forgetAll,
  },
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      packages: { type: "string", default: "100,1000" },
      rounds: { type: "string", default: "5" },
      steps: { type: "string", default: "noop,leaf,restore,graph,cold" },
      write: { type: "boolean", default: false },
    },
  });
  if (!existsSync(turbo)) throw new Error("turbo is not there: run `npm ci` in tools/peers first");
  const wanted = new Set(values.steps.split(","));
  const lines: string[] = [];
  for (const count of values.packages.split(",").map(Number)) {
    const place = makePlace(count);
    try {
      for (const step of steps.filter(({ name }) => wanted.has(name))) {
        const rounds = step.name === "cold" ? Math.min(2, Number(values.rounds)) : Number(values.rounds);
        lines.push(...(await compare(step, place, rounds)));
      }
    } finally {
      rmSync(place.base, { recursive: true, force: true });
    }
  }
  if (values.write) writeFileSync(join(root, "docs/benchmarks.md"), report(lines));
}

interface Place {
  readonly base: string;
  readonly dir: string;
  readonly count: number;
  readonly env: Readonly<Record<string, string>>;
}

/** A workspace in a temporary directory; both tools have built it once. */
function makePlace(count: number): Place {
  const base = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  const dir = join(base, "workspace");
  const bin = join(base, "bin");
  mkdirSync(bin);
  // turbo asks for the package manager's program, and runs every script through it.
  symlinkSync(join(root, "tools/toolchain/node_modules/@pnpm/exe.linux-x64/pnpm"), join(bin, "pnpm"));
  generateWorkspace({ dir, packageCount: count, seed: 1 });
  const env = {
    PATH: `${bin}:${join(root, "node_modules/.bin")}:/usr/bin:/bin`,
    HOME: base,
    XDG_CACHE_HOME: join(base, "cache"),
    TURBO_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
  };
  for (const { program, args } of both) {
    const { status } = spawnSync(program, [...args], {
      cwd: dir,
      env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) throw new Error(`${program} does not build the workspace`);
  }
  return { base, dir, count, env };
}

/** Interleaved, so that what else the machine does falls on all alike. */
async function compare(step: Step, { dir, count, env }: Place, rounds: number): Promise<string[]> {
  const samples = new Map<string, Sample[]>(step.contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of step.contenders) {
      step.prepare(dir, round, contender);
      const { program, args } = contender;
      const sample = await measure({ program, args, cwd: dir, env });
      if (sample.exitCode !== 0)
        throw new Error(`${contender.name} ended with ${sample.exitCode} in ${step.name}`);
      samples.get(contender.name)?.push(sample);
    }
  }
  const mine = samples.get("slipway") ?? [];
  return [...samples].map(([name, list]) => {
    const line = row({ step: step.title, count, name, list, mine });
    process.stdout.write(`${line}\n`);
    return line;
  });
}

function row(of: {
  readonly step: string;
  readonly count: number;
  readonly name: string;
  readonly list: readonly Sample[];
  readonly mine: readonly Sample[];
}): string {
  const { list, mine } = of;
  const walls = list.map((sample) => sample.wallSeconds);
  const spread = `${Math.min(...walls).toFixed(2)} to ${Math.max(...walls).toFixed(2)}`;
  const ratios = `${(wall(mine) / wall(list)).toFixed(2)} / ${(cpu(mine) / cpu(list)).toFixed(2)}`;
  const peak = Math.round(Math.max(...list.map((sample) => sample.peakMiB)));
  const foreign = median(list.map((sample) => sample.foreignCores)).toFixed(1);
  const cells = [
    of.step,
    of.count,
    of.name,
    wall(list).toFixed(2),
    spread,
    cpu(list).toFixed(2),
    ratios,
    peak,
    foreign,
    list.length,
  ];
  return `| ${cells.join(" | ")} |`;
}

function wall(list: readonly Sample[]): number {
  return median(list.map((sample) => sample.wallSeconds));
}

function cpu(list: readonly Sample[]): number {
  return median(list.map((sample) => sample.cpuSeconds));
}

function changeLeaf(dir: string, round: number): void {
  const last = readdirSync(join(dir, "packages")).toSorted().at(-1) ?? "";
  appendFileSync(join(dir, "packages", last, "src/file-0.ts"), `// ${round} ${performance.now()}\n`);
}

function deleteOutputs(dir: string): void {
  for (const name of readdirSync(join(dir, "packages"))) {
    rmSync(join(dir, "packages", name, "dist"), { recursive: true, force: true });
  }
}

function forgetState(dir: string): void {
  rmSync(join(dir, ".git/slipway"), { recursive: true, force: true });
}

function forgetAll(dir: string): void {
  deleteOutputs(dir);
  forgetState(dir);
  for (const each of [".turbo", "node_modules/.cache", "../cache"]) {
    rmSync(join(dir, each), { recursive: true, force: true });
  }
}

function report(lines: readonly string[]): string {
  return [
    "# Benchmarks",
    "",
    `Made by \`node tools/bench/run.ts --write\` on ${new Date().toISOString().slice(0, 10)}: ${availableParallelism()} processors,`,
    `Node ${version(node)}, turbo ${version(turbo)}. Workspaces come from tools/bench/generate.ts (seed 1): twelve files and ten`,
    "outputs a package. Runs of the tools take turns; wall and CPU are medians. Ratios are Slipway's wall / CPU against that row:",
    "below 1, Slipway is faster. Foreign: processors that other programs kept busy meanwhile.",
    "",
    "| step | packages | tool | wall s | spread s | CPU s | ratio wall / CPU | peak MiB | foreign | runs |",
    "|---|--:|---|--:|---|--:|---|--:|--:|--:|",
    ...lines,
    "",
  ].join("\n");
}

function version(program: string): string {
  return spawnSync(program, ["--version"], { encoding: "utf8", cwd: tmpdir() }).stdout.trim();
}

await main();
