// node --conditions=source tools/bench/nx.ts [--rounds 3]: an nx repository with inferred plugins and @nx/js:tsc, built on
// a fresh runner (no cache, no state, no outputs) by its own nx and by Slipway, in turn.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measure, median, type Sample } from "./measure.ts";
import { generateNxRepository } from "./nx-repository.ts";

const slipway = join(import.meta.dirname, "../slipway");

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
  for (const line of await benchNx(Number(values.rounds))) process.stdout.write(`${line}\n`);
}

/** Rows of a Markdown table: tool, median wall time with its spread, median work of the machine meanwhile. */
export async function benchNx(rounds: number): Promise<readonly string[]> {
  const dir = mkdtempSync(join(tmpdir(), "slipway-bench-nx-"));
  try {
    generateNxRepository(dir);
    const home = join(dir, ".git/home");
    const env = { PATH: process.env["PATH"] ?? "", HOME: home, NX_DAEMON: "false", NX_NO_CLOUD: "true" };
    const contenders = [
      {
        name: "nx",
        program: join(dir, "node_modules/.bin/nx"),
        args: ["run-many", "-t", "build", "--parallel=2"],
      },
      { name: "slipway", program: slipway, args: ["run", "build"] },
    ] as const;
    const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const { name, program, args } of contenders) {
        for (const left of ["dist", ".nx", ".git/slipway", ".git/home"]) {
          rmSync(join(dir, left), { recursive: true, force: true });
        }
        const sample = await measure({ program, args, cwd: dir, env });
        if (sample.exitCode !== 0) throw new Error(`${name} failed`);
        samples.get(name)?.push(sample);
      }
    }
    const head = ["| tool | wall | spread | work of the machine |", "| --- | --- | --- | --- |"];
    return [...head, ...[...samples].map(([name, each]) => row(name, each))];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What executors' processes work is not all waited for by who started them, so the whole machine's work is counted. */
function row(name: string, samples: readonly Sample[]): string {
  const walls = samples.map(({ wallSeconds }) => wallSeconds);
  const work = samples.map((each) => each.cpuSeconds + each.foreignCores * each.wallSeconds);
  const spread = `${Math.min(...walls).toFixed(1)} to ${Math.max(...walls).toFixed(1)} s`;
  return `| ${name} | ${median(walls).toFixed(1)} s | ${spread} | ${median(work).toFixed(1)} s |`;
}
