// node tools/bench/release.ts [--packages 100] [--slow 20] [--rounds 3] [--only NAME] [--part speed|slow|large|faults] [--write]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { environmentIn, equip, publishers } from "../publishers/publishers.ts";
import { keepTable } from "./keep-table.ts";
import { measure, median, type Command, type Sample } from "./measure.ts";
import {
  bareClient,
  makePlace,
  restored,
  standing,
  type Manager,
  type ReleasePlace,
} from "./release-place.ts";

const root = join(import.meta.dirname, "../..");
const page = join(root, "docs/benchmarks-release.md");

interface Contender {
  readonly name: string;
  readonly manager: Manager;
  readonly command: (place: ReleasePlace) => Command;
  /** What is run when all is up; the same when not said. */
  readonly again?: (place: ReleasePlace) => Command;
  /** How many of its requests are looks and tags is counted once, untimed. */
  readonly isBare?: boolean;
}

interface Row {
  readonly name: string;
  readonly first: Sample[];
  readonly again: Sample[];
  counts: ReadonlyMap<string, number>;
}

const parts = {
  speed: {
    title: "speed",
    names: /^(bare|slipway --from|pnpm|changesets 3.0$|lerna)/,
    packages: "packages",
  },
  slow: {
    title: "slow",
    names: /^(bare|slipway|npm|changesets 3.0 in npm|nx)/,
    packages: "slow",
  },
  large: { title: "large", names: /^(bare|slipway --from)/, packages: "large" },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      packages: { type: "string", default: "100" },
      slow: { type: "string", default: "20" },
      large: { type: "string", default: "1000" },
      rounds: { type: "string", default: "3" },
      part: { type: "string", default: "speed" },
      only: { type: "string" },
      write: { type: "boolean", default: false },
    },
  });
  const part = parts[values.part as keyof typeof parts];
  if (!part) throw new Error(`there is no part ${values.part}: ${Object.keys(parts).join(", ")}`);
  const packages = Number(values[part.packages]);
  const home = mkdtempSync(join(tmpdir(), "slipway-bench-release-"));
  try {
    const chosen = contenders().filter(
      ({ name }) => part.names.test(name) && name.includes(values.only ?? ""),
    );
    const rows = await compared(home, chosen, { packages, rounds: Number(values.rounds) });
    const text = table(rows, { packages, rounds: Number(values.rounds) });
    console.log(text);
    if (values.write) keepTable({ page, introduction: INTRO, name: part.title }, text);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function contenders(): readonly Contender[] {
  const slipway = process.env["SLIPWAY_BENCH_PROGRAM"] ?? join(root, "tools/slipway");
  const own =
    (...args: string[]) =>
    (place: ReleasePlace): Command =>
      inWorkspace(place, slipway, args);
  const whole = own("release", "--yes");
  const peers = publishers()
    .filter(({ name, missing }) => name !== "slipway" && missing === null)
    .map((publisher): Contender => {
      const command = (place: ReleasePlace): Command => {
        equip(publisher, place.workspace);
        return inWorkspace(place, publisher.program, publisher.args);
      };
      return { name: publisher.name, manager: publisher.manager, command };
    });
  const changesets = peers.find(({ name }) => name === "changesets 3.0");
  return [
    {
      name: "bare client, PUTs",
      manager: "pnpm",
      isBare: true,
      command: ({ sealed }) => bareClient("puts", sealed),
    },
    {
      name: "bare client, all requests of a transaction",
      manager: "pnpm",
      isBare: true,
      command: ({ sealed }) => bareClient("transaction", sealed),
    },
    {
      name: "bare client, all requests, git's included",
      manager: "pnpm",
      isBare: true,
      command: ({ sealed, workspace }) => bareClient("transaction", sealed, workspace.clone),
    },
    {
      name: "slipway --from SEALED",
      manager: "pnpm",
      command: (place) => inWorkspace(place, slipway, ["release", "--from", place.sealed, "--yes"]),
      again: whole,
    },
    { name: "slipway, whole command", manager: "pnpm", command: whole },
    ...peers,
    ...(changesets
      ? [{ ...changesets, name: "changesets 3.0 in npm workspace", manager: "npm" as const }]
      : []),
  ];
}

function inWorkspace({ workspace }: ReleasePlace, program: string, args: readonly string[]): Command {
  return { program, args, cwd: workspace.clone, env: environmentIn(workspace) };
}

/** One after the other in each round, so that a change of the machine's load meets all. */
async function compared(
  home: string,
  chosen: readonly Contender[],
  { packages, rounds }: { readonly packages: number; readonly rounds: number },
): Promise<readonly Row[]> {
  const places = new Map<Manager, ReleasePlace>();
  const rows = new Map<string, Row>();
  for (let round = 0; round <= rounds; round++)
    for (const contender of chosen) {
      const { manager, name } = contender;
      const place = places.get(manager) ?? (await makePlace(join(home, manager), packages, manager));
      places.set(manager, place);
      const row: Row = rows.get(name) ?? { name, first: [], again: [], counts: new Map() };
      rows.set(name, row);
      // The last round counts requests, through a proxy, and is not timed.
      const sample = await released(contender, place, round === rounds);
      if (sample.counts) row.counts = sample.counts;
      else row.first.push(sample.first);
      if (sample.again && !sample.counts) row.again.push(sample.again);
      console.error(
        `${round === rounds ? "counted" : `round ${round + 1}`}: ${name} ${sample.first.wallSeconds.toFixed(2)} s`,
      );
    }
  return [...rows.values()];
}

async function released(
  contender: Contender,
  place: ReleasePlace,
  isCounted: boolean,
): Promise<{
  readonly first: Sample;
  readonly again: Sample | null;
  readonly counts: ReadonlyMap<string, number> | null;
}> {
  const open = await restored(place, isCounted);
  try {
    const first = await measure(contender.command(place));
    const counts = open.counts && new Map(open.counts);
    const { up, latest } = await standing(place);
    const all = place.workspace.names.length;
    if (first.exitCode !== 0 || up !== all || latest !== all)
      throw new Error(`${contender.name}: exit ${first.exitCode}, ${up} up, ${latest} latest`);
    const command = contender.again ?? contender.command;
    const again = contender.isBare ? null : await measure(command(place));
    return { first, again, counts };
  } finally {
    await open.close();
  }
}

interface Asked {
  readonly packages: number;
  readonly rounds: number;
}

function table(rows: readonly Row[], { packages, rounds }: Asked): string {
  const lines = rows.map(({ name, first, again, counts }) => {
    const count = (kind: string): number => counts.get(kind) ?? 0;
    const requests = [...counts.values()].reduce((sum, each) => sum + each, 0) / packages;
    const confirmed = count("GET tarball") >= packages ? "yes" : "no";
    const promoted = count("PUT dist-tag") >= packages ? "yes" : "no";
    const cells = [...middle(first), requests.toFixed(2), confirmed, promoted, ...middle(again)];
    return `| ${name} | ${cells.join(" | ")} |`;
  });
  const foreign = median(rows.flatMap(({ first }) => first.map(({ foreignCores }) => foreignCores)));
  return [
    `${packages} packages in 15 layers at most, to a warm Verdaccio on the same machine that has the version before; median of ${rounds}, interleaved. ` +
      `Others, Verdaccio among them, used ${foreign.toFixed(1)} processors meanwhile.`,
    "",
    "| publisher | wall (s) | CPU (s) | requests a package | bytes confirmed | promoted as one | again, nothing to do: wall (s) | CPU (s) |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

function middle(samples: readonly Sample[]): readonly [wall: string, cpu: string] {
  if (samples.length === 0) return ["–", "–"];
  const wall = median(samples.map(({ wallSeconds }) => wallSeconds));
  const cpu = median(samples.map(({ cpuSeconds }) => cpuSeconds));
  return [wall.toFixed(2), cpu.toFixed(2)];
}

const INTRO = `# Releasing, measured

\`node tools/bench/release.ts [--part speed|slow|large] --write\` makes these tables.

- Everybody publishes to a Verdaccio 6 on the same machine. For each sample it is started anew on a copy of the same storage,
  which has the version before of each package, and has answered some hundreds of requests before the clock starts. Its work
  is not in the CPU column. It uses one of the processors while anybody publishes, so nobody gets below what it needs.
- The bare clients say what the requests alone cost: eight at a time, without a plan, an order, a journal or a retry. One sends
  the uploads; one sends every request that Slipway's transaction sends, and one sends what it sends to \`origin\`, too (the lock,
  the tags, the batch's own tag). Origin is a bare repository on the same disk.
- \`slipway --from SEALED\` is the whole transaction: lock, proof of rights, survey, upload, confirmation by download, one pass of
  dist-tags, git tags, cleaning, with every step in the journal first. \`slipway, whole command\` plans, packs, and lets npm
  install each package from a staging registry before that.
- Bytes are confirmed where each tarball is downloaded after it was uploaded; promoted as one, where \`latest\` moves after all
  are up. Both are read off the requests, which a proxy counts in a last round that is not timed.
- Ratios are of one table: the machine is shared with other work, whose share each table names.
`;

await main();
