// node tools/bench/version.ts [--packages 1000] [--changesets 200] [--rounds 3] [--history 0] [--between 10] [--write]
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { onDemand } from "../on-demand.ts";
import { keepTable } from "./keep-table.ts";
import { measure, median, type Sample } from "./measure.ts";
import { makeVersionedWorkspace } from "./versioned-workspace.ts";

const root = join(import.meta.dirname, "../..");
const page = join(root, "docs/benchmarks-versioning.md");

const workspaces = {
  "2": { generation: 2, lockfile: true },
  "3": { generation: 3, lockfile: true },
  "3-without-lockfile": { generation: 3, lockfile: false },
} as const;

interface Contender {
  readonly name: string;
  readonly workspace: keyof typeof workspaces;
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
  const registry = await serveFirstReleases();
  try {
    const chosen = contenders(registry.url).filter(
      ({ name }) => values.only === undefined || name.includes(values.only),
    );
    for (const [name, kind] of Object.entries(workspaces))
      makeVersionedWorkspace(join(home, name), { ...asked, ...kind });
    linkFormatter(home);
    const samples = new Map<string, Sample[]>();
    for (let round = 0; round < Number(values.rounds); round++)
      for (const contender of chosen) {
        const sample = await runOnce(contender, home);
        samples.set(contender.name, [...(samples.get(contender.name) ?? []), sample]);
      }
    const rows = chosen.map((contender) => row(contender, samples));
    const text = table(rows, { ...asked, rounds: Number(values.rounds) });
    console.log(text);
    // A table for each size of history.
    const name = `history ${asked.history}, between ${asked.between}`;
    if (values.write) keepTable({ page, introduction: INTRO, name }, text);
  } finally {
    registry.close();
    rmSync(home, { recursive: true, force: true });
  }
}

function contenders(registry: string): readonly Contender[] {
  const slipway = process.env["SLIPWAY_BENCH_PROGRAM"] ?? join(root, "tools/slipway");
  const node = join(root, "node_modules/.bin/node");
  const pnpm = join(root, "tools/toolchain/node_modules/@pnpm/exe.linux-x64/pnpm");
  const changesets = onDemand("changesets");
  const cli = (generation: 2 | 3): readonly Contender[] =>
    "missing" in changesets
      ? []
      : (["version", "status"] as const).map((command) => ({
          name: `@changesets/cli ${generation === 2 ? "2.31.1" : "3.0.3"} ${command}`,
          workspace: `${generation}` as const,
          program: node,
          args: [join(changesets.folder, `changesets-${generation}/bin.js`), command],
          reads: command === "status",
        }));
  const own = (["version", "version --plan", "status"] as const).flatMap((line) =>
    ([2, 3] as const).map((generation) => ({
      name: `slipway ${line}, generation ${generation}`,
      workspace: `${generation}` as const,
      program: slipway,
      args: line.split(" "),
      reads: line !== "version",
    })),
  );
  return [
    ...own,
    {
      name: "slipway version, generation 3, no lockfile",
      workspace: "3-without-lockfile",
      program: slipway,
      args: ["version"],
    },
    ...cli(2),
    ...cli(3),
    {
      name: "pnpm 12.21.0 version -r",
      workspace: "3",
      program: pnpm,
      args: ["version", "-r"],
      env: { pnpm_config_registry: registry },
    },
  ];
}

async function runOnce(contender: Contender, home: string): Promise<Sample> {
  const { workspace, program, args, env, reads } = contender;
  const cwd = join(home, workspace);
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

/** pnpm asks whether a package was released before: one that was not is released as it is. */
async function serveFirstReleases(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const name = decodeURIComponent(request.url?.slice(1) ?? "");
    const version = { name, version: "1.0.0", dist: { tarball: `http://127.0.0.1/${name}.tgz` } };
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ name, "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": version }, time: {} }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
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

const INTRO = `# Versioning, measured

\`node tools/bench/version.ts --write\` makes these tables, with changelogs and the look-up of the commits that they name.

- The history: each pending changeset was added by a commit of its own, with ten other commits before it. Public
  monorepos that use Changesets have between two and about thirty commits for each changeset. The repository is one pack
  without a commit graph, as a clone in CI has it. Changesets 3 asks git for each changeset's commit alone, so its time
  grows with the distance between changesets; Slipway asks once.
- Ratios are of CPU time, with git's, which other load disturbs less than it does the time on the clock.
- \`no lockfile\` is the same without pnpm-lock.yaml: Changesets and pnpm leave the lockfile to a later install, Slipway
  brings it up to date. Generation 2 runs the repository's prettier over each changelog, as Changesets 2 does.
- Since 2026-11-29 that prettier runs in a process that is ended and not waited for, so its CPU time is in none of the
  figures of generation 2 from that day on; the time on the clock has it.
- With 100 commits before each changeset Changesets 3 takes the 14 s of CPU time, and more on the clock, that large
  monorepos see. That table was made while other work kept both processors busy: its times on the clock are upper bounds.
- pnpm reads the same changesets and writes the same number of manifests and changelogs. It is a native program and
  names no commits. A registry on this machine tells it that each package had its first release.
`;

await main();
