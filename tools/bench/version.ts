// node tools/bench/version.ts [--packages 1000] [--changesets 200] [--rounds 3] [--history 0] [--between 10] [--write]
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { onDemand } from "../on-demand.ts";
import { measure, median, type Sample } from "./measure.ts";
import { makeVersionedWorkspace } from "./versioned-workspace.ts";

const root = join(import.meta.dirname, "../..");
const page = join(root, "docs/benchmarks-versioning.md");

interface Contender {
  readonly name: string;
  readonly generation: 2 | 3;
  readonly program: string;
  readonly args: readonly string[];
  /** Whether the work tree must be as before afterwards. */
  readonly reads?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      packages: { type: "string", default: "1000" },
      changesets: { type: "string", default: "200" },
      history: { type: "string", default: "0" },
      between: { type: "string", default: "10" },
      rounds: { type: "string", default: "3" },
      only: { type: "string" },
      write: { type: "boolean", default: false },
    },
  });
  const asked = {
    packages: Number(values.packages),
    changesets: Number(values.changesets),
    history: Number(values.history),
    between: Number(values.between),
  };
  const home = mkdtempSync(join(tmpdir(), "slipway-bench-version-"));
  try {
    const chosen = contenders().filter(({ name }) => values.only === undefined || name.includes(values.only));
    for (const generation of [2, 3] as const)
      makeVersionedWorkspace(join(home, String(generation)), { ...asked, generation });
    linkFormatter(home);
    const samples = new Map<string, Sample[]>();
    for (let round = 0; round < Number(values.rounds); round++)
      for (const contender of chosen) {
        const sample = await once(contender, home);
        samples.set(contender.name, [...(samples.get(contender.name) ?? []), sample]);
      }
    const rows = chosen.map((contender) => row(contender, samples));
    const text = table(rows, { ...asked, rounds: Number(values.rounds) });
    console.log(text);
    if (values.write) keep(text, asked);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function contenders(): readonly Contender[] {
  const slipway = process.env["SLIPWAY_BENCH_PROGRAM"] ?? join(root, "tools/slipway");
  const node = join(root, "node_modules/.bin/node");
  const pnpm = join(root, "tools/toolchain/node_modules/@pnpm/exe.linux-x64/pnpm");
  const changesets = onDemand("changesets");
  const cli = (generation: 2 | 3): readonly Contender[] =>
    "missing" in changesets
      ? []
      : (["version", "status"] as const).map((command) => ({
          name: `@changesets/cli ${generation === 2 ? "2.31.1" : "3.0.3"} ${command}`,
          generation,
          program: node,
          args: [join(changesets.folder, `changesets-${generation}/bin.js`), command],
          reads: command === "status",
        }));
  const own = (["version", "version --plan", "status"] as const).flatMap((line) =>
    ([2, 3] as const).map((generation) => ({
      name: `slipway ${line}, generation ${generation}`,
      generation,
      program: slipway,
      args: line.split(" "),
      reads: line !== "version",
    })),
  );
  return [
    ...own,
    ...cli(2),
    ...cli(3),
    { name: "pnpm 12.21 version -r", generation: 3, program: pnpm, args: ["version", "-r"] },
  ];
}

async function once({ generation, program, args, env, reads }: Contender, home: string): Promise<Sample> {
  const cwd = join(home, String(generation));
  const base = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    CI: "true",
    pnpm_config_verify_deps_before_run: "false",
  };
  const sample = await measure({ program, args, cwd, env: { ...base, ...env } });
  if (sample.exitCode !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${sample.exitCode}`);
  const changed = execFileSync("git", ["status", "--porcelain"], { cwd, encoding: "utf8" }).trim() !== "";
  if (changed === (reads ?? false))
    throw new Error(`${args.join(" ")} ${changed ? "changed" : "did not change"} the work tree`);
  execFileSync("git", ["reset", "-q", "--hard"], { cwd });
  execFileSync("git", ["clean", "-qfd"], { cwd });
  return sample;
}

/** Changesets 2 brings a prettier and runs it over changelogs; Slipway finds the same one. */
function linkFormatter(home: string): void {
  const changesets = onDemand("changesets");
  if ("missing" in changesets) return;
  mkdirSync(join(home, "2/node_modules"), { recursive: true });
  symlinkSync(join(changesets.folder, "prettier"), join(home, "2/node_modules/prettier"));
}

interface Row {
  readonly name: string;
  readonly wall: number;
  readonly cpu: number;
  readonly peak: number;
}

function row({ name }: Contender, samples: ReadonlyMap<string, readonly Sample[]>): Row {
  const own = samples.get(name) ?? [];
  return {
    name,
    wall: median(own.map(({ wallSeconds }) => wallSeconds)),
    cpu: median(own.map(({ cpuSeconds }) => cpuSeconds)),
    peak: median(own.map(({ peakMiB }) => peakMiB)),
  };
}

interface Asked {
  readonly packages: number;
  readonly changesets: number;
  readonly history: number;
  readonly between: number;
  readonly rounds: number;
}

function table(rows: readonly Row[], asked: Asked): string {
  const reference = rows.find(({ name }) => name === "@changesets/cli 3.0.3 version");
  const lines = rows.map(({ name, wall, cpu, peak }) => {
    const ratio = reference ? (cpu / reference.cpu).toFixed(3) : "–";
    return `| ${name} | ${wall.toFixed(2)} | ${cpu.toFixed(2)} | ${ratio} | ${peak.toFixed(0)} |`;
  });
  const history = asked.history > 0 ? `, ${asked.history} consumed changesets in the history` : "";
  return [
    `${asked.packages} packages, ${asked.changesets} pending changesets, each with a commit of its own and ${asked.between} other commits before it${history}; median of ${asked.rounds}, interleaved.`,
    "",
    "| what | wall (s) | CPU (s) | CPU, of changeset 3.0.3 version | peak (MiB) |",
    "| --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

/** The page has a table for each size of history; each is replaced alone. */
function keep(text: string, { history, between }: Pick<Asked, "history" | "between">): void {
  const [begin, end] = [
    `<!-- history ${history}, between ${between}: begin -->`,
    `<!-- history ${history}, between ${between}: end -->`,
  ];
  const made = `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${availableParallelism()} processors`;
  const block = `${begin}\n\n${text}\n\n${made}.\n\n${end}`;
  const before = existsSync(page) ? readFileSync(page, "utf8") : INTRO;
  const at = before.indexOf(begin);
  const after =
    at === -1
      ? `${before.trimEnd()}\n\n${block}\n`
      : `${before.slice(0, at)}${block}${before.slice(before.indexOf(end) + end.length)}`;
  writeFileSync(page, after);
}

const INTRO = `# Versioning, measured

\`node tools/bench/version.ts --write\` makes these tables, with changelogs and the look-up of the commits that they name.
`;

await main();
