// npm run bench [-- --packages 100,1000,3000] [--steps noop,…] [--tools slipway,turbo,…] [--rounds 3] [--nx-rounds 1]
//   [--data FILE] [--write]
// A tool's name stands for all that begin with it: `turbo` also for `turbo query affected`, `bare` for what is the floor.
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { onDemand } from "../on-demand.ts";
import { contenders, stepTitles, type Contender, type StepName } from "./contenders.ts";
import { measure } from "./measure.ts";
import { benchNx } from "./nx.ts";
import { makePlace, prepare, type Place } from "./place.ts";
import {
  commandsOf,
  floorOfAffected,
  goalTable,
  growthTable,
  loadSentence,
  table,
  type Measured,
} from "./report.ts";

const root = join(import.meta.dirname, "../..");

const { values } = parseArgs({
  options: {
    packages: { type: "string", default: "100,1000,3000" },
    rounds: { type: "string", default: "3" },
    steps: { type: "string", default: Object.keys(stepTitles).join(",") },
    tools: { type: "string" },
    /** Where the workspaces are written; a file system in memory leaves the disk out of it. */
    in: { type: "string", default: tmpdir() },
    /** Of the nx repository with inferred plugins; 0 leaves it out. */
    "nx-rounds": { type: "string", default: "1" },
    /** Calls are added here as they end, one JSON a line, and the tables are made of all that stands there. Missing: of this run. */
    data: { type: "string" },
    write: { type: "boolean", default: false },
  },
});

const given = process.argv.slice(2).join(" ");

const all: Measured[] = [];

/** Calls that a contender could not do, with how they ended. */
const failed = new Map<string, string>();

async function main(): Promise<void> {
  for (const name of ["peers", "runners"]) {
    const there = onDemand(name);
    if ("missing" in there) process.stderr.write(`${there.missing}\n`);
  }
  all.push(...kept());
  const parent = mkdtempSync(join(values.in, "slipway-bench-"));
  try {
    for (const count of values.packages.split(",").map(Number)) await benchmark(parent, count);
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
  const nxRounds = Number(values["nx-rounds"]);
  const text = page(nxRounds > 0 ? await benchNx(nxRounds) : []);
  process.stdout.write(text);
  if (values.write) writeFileSync(join(root, "docs/benchmarks.md"), text);
}

async function benchmark(parent: string, count: number): Promise<void> {
  const asked = values.tools?.split(",");
  const taking = contenders.filter(({ name, packagesMax }) =>
    asked
      ? asked.some((one) => one === name || (/^[ ,]/.test(name.slice(one.length)) && name.startsWith(one)))
      : count <= packagesMax,
  );
  const places = new Map(taking.map((each) => [each.name, makePlace(parent, count, each)]));
  for (const step of values.steps.split(",") as StepName[]) await measureStep(step, taking, places);
  for (const { base } of places.values()) rmSync(base, { recursive: true, force: true });
}

/** Contenders take turns, so that what else the machine does falls on all alike. */
async function measureStep(
  step: StepName,
  taking: readonly Contender[],
  places: ReadonlyMap<string, Place>,
): Promise<void> {
  for (let round = step === "cold" || step === "graph" ? 0 : -1; round < Number(values.rounds); round++) {
    for (const contender of taking) {
      const { name, program } = contender;
      const args = contender.calls[step];
      const place = places.get(name);
      if (
        !args ||
        !place ||
        round >= roundsOf(contender, step, place.count) ||
        failed.has(`${step}, ${name}`)
      )
        continue;
      prepare(step, place);
      const { dir: cwd, env, count } = place;
      const sample = await measure({ program, args, cwd, env });
      if (sample.exitCode !== 0) failed.set(`${step}, ${name}`, `exit code ${sample.exitCode}`);
      // The first call of a step only makes the state that the others start from.
      else if (round >= 0) keep({ step, count, name, round, sample, asked: given });
    }
  }
}

function roundsOf({ roundsMax = Infinity, cold }: Contender, step: StepName, count: number): number {
  if (step !== "cold") return roundsMax;
  return count > (cold?.packagesMax ?? Infinity) ? 0 : Math.min(2, cold?.roundsMax ?? roundsMax);
}

function keep(measured: Measured): void {
  all.push(measured);
  if (values.data !== undefined) appendFileSync(values.data, `${JSON.stringify(measured)}\n`);
  process.stderr.write(
    `${measured.step} ${measured.count} ${measured.name}: ${measured.sample.wallSeconds.toFixed(2)} s, CPU ${measured.sample.cpuSeconds.toFixed(2)} s\n`,
  );
}

function kept(): Measured[] {
  if (values.data === undefined || !existsSync(values.data)) return [];
  const lines = readFileSync(values.data, "utf8").trim().split("\n");
  return lines.filter(Boolean).map((line) => JSON.parse(line) as Measured);
}

function page(nxLines: readonly string[]): string {
  const processors = availableParallelism();
  const nx = [
    "",
    "## An nx repository with inferred plugins, on a fresh runner",
    "",
    "Twelve libraries built by `@nx/js:tsc` and two applications whose targets `@nx/vite/plugin` infers",
    "(`tools/bench/nx-repository.ts`); no cache, no state, no outputs; two tasks at a time (`node --conditions=source",
    "tools/bench/nx.ts` alone). Goal: never slower than nx.",
    "",
    ...nxLines,
  ];
  const missing = [...failed].map(([what, why]) => `${what} (${why})`).join("; ");
  return [
    "# Benchmarks",
    "",
    `Measured on ${new Date().toISOString().slice(0, 10)} with ${processors} processors: ${versions()}.`,
    "This page is written by the last of these commands, whole, with the calls that those before it had left in the same file:",
    "",
    "```sh",
    ...commandsOf(all),
    "```",
    "",
    loadSentence(all, processors),
    "",
    "Workspaces come from `tools/bench/generate.ts` (seed 1): twelve files and ten outputs a package, a pnpm lockfile, a build",
    "that copies files. Each tool has a copy of its own; calls of the tools take turns. Wall and CPU are medians, CPU of the",
    'whole process tree. "Slipway\'s wall" and "Slipway\'s CPU" are its medians divided by those of the row: below 1, Slipway is',
    "faster. Foreign: processors that other programs kept busy meanwhile; under load CPU says more than wall. Tools that take",
    "minutes for a cold run have that with 100 packages, and fewer calls. What nx, lage and moon would do with a daemon is not here.",
    "",
    ...goalTable(all),
    "",
    ...floorOfAffected(all),
    ...growthTable(all),
    ...table(all),
    ...(missing === "" ? [] : ["", `Not measured: ${missing}.`]),
    ...(nxLines.length > 0 ? nx : []),
    "",
  ].join("\n");
}

function versions(): string {
  const installed = ["peers", "runners"].flatMap((name) => {
    const { devDependencies } = JSON.parse(
      readFileSync(join(root, "tools", name, "package.json"), "utf8"),
    ) as {
      readonly devDependencies: Readonly<Record<string, string>>;
    };
    return Object.entries(devDependencies).map(([tool, version]) => `${tool} ${version}`);
  });
  const pnpm = versionOf(join(root, "tools/toolchain/node_modules/@pnpm/exe.linux-x64/pnpm"));
  return [`Node ${versionOf(join(root, "node_modules/.bin/node"))}`, ...installed, `pnpm ${pnpm}`].join(", ");
}

function versionOf(program: string): string {
  return spawnSync(program, ["--version"], { encoding: "utf8", cwd: tmpdir() }).stdout.trim();
}

await main();
