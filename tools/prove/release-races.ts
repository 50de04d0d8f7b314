/**
 * Two processes release the same batch at the same moment: in one clone, and in two clones of one origin, with a living
 * lock and with that of a process that was killed in the middle. Exactly one may change anything; the other one says who
 * holds it, or finds that all is done. Whoever finds a dead owner's lock looks whether it lives, and goes on.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { FaultRegistry } from "../../packages/testkit/src/index.ts";
import { mulberry32 } from "../mulberry32.ts";
import { openParts, releaseSources } from "./release/parts.ts";
import { faultsAtEnd, freshClone, makeBatch, plantOld, type ProvedBatch } from "./release/sealed-batch.ts";
import { tellApart, type ToldApart } from "./release/told-apart.ts";

const packages = 3;
const racesAPart = 4;
const latencyMs = 4;
const runTimeoutMs = 180_000;
const program = join(import.meta.dirname, "../../packages/cli/src/start.ts");

const kinds = ["one clone", "two clones", "one clone, owner killed", "two clones, owner killed"] as const;
type Kind = (typeof kinds)[number];

export async function prove(options: {
  readonly seed: number;
  readonly full: boolean;
  readonly parts?: string;
  log(line: string): void;
}) {
  const { seed, full } = options;
  const count = full ? 200 : 2;
  const kept = openParts<readonly Raced[]>(options.parts ?? null, releaseSources);
  const queue = Array.from({ length: Math.ceil(count / racesAPart) }, (_, at) => at * racesAPart);
  const folder = mkdtempSync(join(tmpdir(), "slipway-races-"));
  const ends: Raced[] = [];
  try {
    const lane = async (at: number): Promise<void> => {
      for (let first = queue.shift(); first !== undefined; first = queue.shift()) {
        const races = { first, count: Math.min(racesAPart, count - first), seed };
        const name = `races-${seed}-${races.first}-${races.count}`;
        ends.push(...(kept.read(name) ?? kept.keep(name, await racedAll(races, join(folder, `lane-${at}`)))));
        options.log(`${ends.length} races, ${ends.flatMap(({ faults }) => faults).length} faults`);
      }
    };
    await Promise.all(Array.from({ length: full ? 4 : 1 }, (_, at) => lane(at)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const faults = ends.flatMap((end) => end.faults);
  for (const fault of faults.slice(0, 20)) options.log(fault);
  const told = Object.entries(
    Object.groupBy(
      ends.flatMap((end) => end.told),
      (what) => what,
    ),
  );
  return {
    name: "release-races",
    summary: `${ends.length} races of two releases of ${packages} packages: ${faults.length} faults`,
    figures: {
      races: ends.length,
      ...Object.fromEntries(
        told
          .toSorted(([one], [other]) => (one < other ? -1 : 1))
          .map(([what, all]) => [what, all?.length ?? 0]),
      ),
      faults: faults.length,
    },
    failed: faults.length,
  };
}

async function racedAll(
  races: { readonly first: number; readonly count: number; readonly seed: number },
  place: string,
): Promise<readonly Raced[]> {
  const registries = await tellApart(latencyMs);
  const ends: Raced[] = [];
  try {
    const batch = await makeBatch(place, { count: packages, url: registries.url });
    for (let race = races.first; race < races.first + races.count; race++) {
      const kind = kinds[race % kinds.length] ?? "one clone";
      const random = mulberry32(races.seed + race);
      const { told, faults } = await raced(kind, { batch, registries, random, folder: join(place, "race") });
      ends.push({
        told: told.map((each) => `${kind}: the other one ${each}`),
        faults: faults.map((fault) => `race ${race}, ${kind}: ${fault}`),
      });
    }
  } finally {
    await registries.close();
    rmSync(place, { recursive: true, force: true });
  }
  return ends;
}

interface Course {
  readonly batch: ProvedBatch;
  readonly registries: ToldApart;
  readonly random: () => number;
  readonly folder: string;
}

interface Raced {
  /** What became of those who did not win. */
  readonly told: readonly string[];
  readonly faults: readonly string[];
}

async function raced(kind: Kind, course: Course): Promise<Raced> {
  const { batch, registries, random, folder } = course;
  const registry = new FaultRegistry();
  plantOld(registry, batch);
  registries.serve(registry);
  registries.writes.length = 0;
  const one = freshClone(batch, folder);
  const other = kind.startsWith("two clones") ? anotherClone(folder) : one;
  for (const clone of new Set([one, other])) takeTokenFromEnvironment(clone, registries.url);
  if (kind.endsWith("killed")) await killedInTheMiddle(one, course);
  const before = registries.writes.length;
  const racers = [start(one, "one", batch), start(other, "other", batch)];
  if (random() < 0.5) racers.reverse();
  const ends = await Promise.all(racers.map(({ ended }) => ended));
  const wrote = new Set(registries.writes.slice(before).map(({ by }) => by));
  const faults = [
    ...(wrote.size > 1 ? ["both changed the registry"] : []),
    ...(ends.some(({ exit }) => exit === 0) ? [] : ["nobody got to the end"]),
    ...faultsAtEnd(registry, batch, { clone: one }),
    ...(execFileSync("git", ["ls-remote", "origin", "refs/slipway/*"], { cwd: one, encoding: "utf8" }) === ""
      ? []
      : ["the lock was not given back"]),
  ];
  const told: string[] = [];
  for (const [at, { exit, said }] of ends.entries()) {
    if (wrote.has(racers[at]?.name ?? "")) continue;
    const rival = racers[1 - at]?.pid ?? 0;
    const named = / by process (\d+) on \S|process (\d+) on \S+ holds the release lock/.exec(said);
    if (exit === 0) told.push(named ? "waited, and found all done" : "found all done");
    else if (exit === 3 && Number(named?.[1]) === rival) told.push("said who holds it");
    else faults.push(`the other one ended with ${exit}: ${said.slice(-500)}`);
  }
  return { told, faults };
}

function anotherClone(folder: string): string {
  const clone = join(folder, "other");
  execFileSync("git", ["clone", "--quiet", join(folder, "origin.git"), clone]);
  return clone;
}

function takeTokenFromEnvironment(clone: string, url: string): void {
  const text = `registry=${url}\n${url.replace("http:", "")}:_authToken=\${RACER}\n`;
  writeFileSync(join(clone, ".npmrc.new"), text);
  renameSync(join(clone, ".npmrc.new"), join(clone, ".npmrc"));
}

/** Its locks stay, here and on origin, and so does half of the batch. */
async function killedInTheMiddle(clone: string, { batch, registries, random }: Course): Promise<void> {
  const racer = start(clone, "killed", batch);
  const writes = Math.floor(random() * packages * 2);
  const state = { isOver: false };
  void racer.ended.then(() => (state.isOver = true));
  while (!state.isOver && registries.writes.length < writes) await pause(1);
  racer.kill();
  await racer.ended;
}

interface Racer {
  readonly name: string;
  readonly pid: number;
  readonly ended: Promise<{ readonly exit: number | null; readonly said: string }>;
  kill(): void;
}

function start(clone: string, name: string, { sealed }: ProvedBatch): Racer {
  const args = ["--conditions=source", "--disable-warning=ExperimentalWarning", program];
  const child = spawn(process.execPath, [...args, "release", "--from", sealed, "--yes", "--json"], {
    cwd: clone,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, RACER: name },
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), runTimeoutMs);
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<{ exit: number | null; said: string }>((resolve) => {
    child.once("close", (exit) => {
      clearTimeout(timer);
      resolve({ exit, said });
    });
  });
  return { name, pid: child.pid ?? 0, ended, kill: () => void child.kill("SIGKILL") };
}
