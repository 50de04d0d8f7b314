/**
 * A release is played in a simulated world: killed at every single point and at every pair of points, and through
 * random schedules of kills, lost replies, refusals, stale copies, lost dist-tags and lost machines. Each must end as an
 * undisturbed release ends, and no moment on the way may show half a batch.
 *
 * `--parts FOLDER` keeps the figures of each part that was played, so that the whole can be made by several commands, one
 * after the other; parts of other sources do not count.
 */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker, parentPort, workerData } from "node:worker_threads";
import { openParts } from "./release/parts.ts";
import type { ReleaseMode } from "../../packages/plan/src/index.ts";
import { modeOf, randomSchedule } from "./release/random-schedule.ts";
import { calmFacts, played, type Schedule } from "./release/schedule.ts";
import type { Fault } from "../../packages/release/test/simulated-world.ts";

export interface Violation {
  readonly what: string;
  readonly violations: readonly string[];
}

/** A range of seeds, or of points at which the first kill comes in one mode. */
interface Part {
  readonly kind: "random" | ReleaseMode;
  readonly first: number;
  readonly count: number;
}

/** The transaction, and the world in which it is played. */
const sources = [
  "packages/release",
  "packages/plan/src/release",
  "packages/ledger/src",
  "tools/prove/release-simulation.ts",
  "tools/prove/release/owner.ts",
  "tools/prove/release/random-schedule.ts",
  "tools/prove/release/schedule.ts",
  "tools/prove/release/watch.ts",
];

interface Played {
  readonly singles: number;
  readonly doubles: number;
  readonly random: number;
  readonly cpuS: number;
  readonly violations: readonly Violation[];
}

const modes: readonly ReleaseMode[] = ["tag", "stage", "direct"];
const randomSchedules = 1_000_000;
const schedulesAPart = 20_000;
const crashPackages = 8;
const pointsAPart = 10;
const slicePackages = 2;

const player = "release-simulation";

if (workerData === player) {
  parentPort?.on("message", (part: Part) => {
    const end = playedPart(part, { packages: crashPackages, stride: 1 });
    void end.then((figures) => parentPort?.postMessage(figures, []));
  });
}

export async function prove(options: {
  readonly seed: number;
  readonly full: boolean;
  readonly parts?: string;
  log(line: string): void;
}) {
  const { seed, full } = options;
  const ends = full ? await whole(options) : await slice(seed);
  const sum = (of: (end: Played) => number): number => ends.reduce((total, end) => total + of(end), 0);
  const violations = ends.flatMap((end) => end.violations);
  for (const { what, violations: list } of violations.slice(0, 20))
    options.log(`${what}: ${list.join("; ")}`);
  const schedules = modes.map(
    (mode) =>
      [
        mode,
        countOf(
          seed,
          sum((end) => end.random),
          mode,
        ),
      ] as const,
  );
  const singles = sum((end) => end.singles);
  const doubles = sum((end) => end.doubles);
  const random = sum((end) => end.random);
  return {
    name: "release-simulation",
    summary: `${singles} single and ${doubles} double kills, ${random} random schedules: ${violations.length} violations`,
    figures: {
      "packages in the sweep": full ? crashPackages : slicePackages,
      "single kills": singles,
      "double kills": doubles,
      "random schedules": random,
      "of these by mode": schedules.map(([mode, count]) => `${mode} ${count}`).join(", "),
      "their seeds": `${seed} to ${seed + random - 1}`,
      "schedules per processor second": Math.round((singles + doubles + random) / sum((end) => end.cpuS)),
      violations: violations.length,
    },
    failed: violations.length,
  };
}

function countOf(seed: number, random: number, mode: ReleaseMode): number {
  let count = 0;
  for (let at = seed; at < seed + random; at++) if (modeOf(at) === mode) count++;
  return count;
}

async function slice(seed: number): Promise<readonly Played[]> {
  const sweep = { packages: slicePackages, stride: 7 };
  const ends = [await playedPart({ kind: "random", first: seed, count: 300 }, sweep)];
  for (const mode of modes) {
    const points = (await calmFacts(slicePackages, mode)).actions;
    ends.push(await playedPart({ kind: mode, first: 1, count: points }, sweep));
  }
  return ends;
}

async function whole(options: {
  readonly seed: number;
  readonly parts?: string;
  log(line: string): void;
}): Promise<readonly Played[]> {
  const { seed, parts: folder } = options;
  const kept = openParts<Played>(folder ?? null, sources);
  const points = new Map<ReleaseMode, number>();
  for (const mode of modes) points.set(mode, (await calmFacts(crashPackages, mode)).actions);
  const parts: Part[] = [
    ...[...points].flatMap(([kind, count]) => {
      return ranges({ first: 1, count, each: pointsAPart }).map((each) => ({ ...each, kind }));
    }),
    ...ranges({ first: seed, count: randomSchedules, each: schedulesAPart }).map((each) => {
      return { ...each, kind: "random" as const };
    }),
  ];
  const ends: Played[] = [];
  const queue = [...parts];
  await Promise.all(
    Array.from({ length: Math.max(1, availableParallelism()) }, async () => {
      const worker = new Worker(fileURLToPath(import.meta.url), { workerData: player });
      for (let part = queue.shift(); part; part = queue.shift()) {
        const name = `${part.kind}-${part.first}-${part.count}`;
        const end = kept.read(name) ?? kept.keep(name, await inWorker(worker, part));
        ends.push(end);
        options.log(`${ends.length} of ${parts.length} parts: ${name}, ${end.violations.length} violations`);
      }
      await worker.terminate();
    }),
  );
  return ends;
}

function inWorker(worker: Worker, part: Part): Promise<Played> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (end: Played) => {
      worker.removeListener("error", reject);
      resolve(end);
    });
    worker.postMessage(part, []);
  });
}

async function playedPart(part: Part, sweep: Omit<Sweep, "mode">): Promise<Played> {
  const before = process.threadCpuUsage();
  const end =
    part.kind === "random"
      ? { singles: 0, doubles: 0, random: part.count, violations: await randomShare(part) }
      : { ...(await crashSweep({ ...sweep, mode: part.kind }, part)), random: 0 };
  const { user, system } = process.threadCpuUsage(before);
  return { ...end, cpuS: (user + system) / 1e6 };
}

function ranges(all: { readonly first: number; readonly count: number; readonly each: number }): Range[] {
  const { first, count, each } = all;
  return Array.from({ length: Math.ceil(count / each) }, (_, at) => {
    return { first: first + at * each, count: Math.min(each, count - at * each) };
  });
}

interface Range {
  readonly first: number;
  readonly count: number;
}

export interface Sweep {
  readonly packages: number;
  readonly mode: ReleaseMode;
  /** More than 1 takes only each such second point. */
  readonly stride: number;
}

/** Every point where the process can die, and every pair of such points. */
export async function crashSweep(
  { packages, mode, stride }: Sweep,
  range: Range | null = null,
): Promise<Pick<Played, "singles" | "doubles" | "violations">> {
  const calm = await calmFacts(packages, mode);
  const undisturbed = { packages, mode, approval: "here", lostAfterRun: null } as const;
  const violations: Violation[] = [];
  let singles = 0;
  let doubles = 0;
  const play = async (faults: ReadonlyMap<number, Fault>): Promise<number> => {
    const schedule = { ...undisturbed, faults, nextCommit: "c1", owners: 1, seed: 1 } as const;
    const end = await played(schedule, calm.facts);
    if (end.violations.length > 0)
      violations.push({ what: `${mode} ${JSON.stringify([...faults])}`, violations: end.violations });
    return end.actions;
  };
  const { first: from, count } = range ?? { first: 1, count: calm.actions };
  for (const [first, kind] of pointsFrom(from, Math.min(calm.actions, from + count - 1))) {
    const actions = await play(new Map([[first, kind]]));
    singles++;
    for (const [second, secondKind] of pointsFrom(first + 1, actions)) {
      if ((second - first) % stride !== 0) continue;
      await play(new Map<number, Fault>([[first, kind]]).set(second, secondKind));
      doubles++;
    }
  }
  return { singles, doubles, violations };
}

function pointsFrom(
  first: number,
  last: number,
): readonly (readonly [number, "crash-before" | "crash-after"])[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at).flatMap((at) => [
    [at, "crash-before"] as const,
    [at, "crash-after"] as const,
  ]);
}

export function randomShare({ first, count }: Range): Promise<readonly Violation[]> {
  return playedAll(
    (function* () {
      for (let seed = first; seed < first + count; seed++) yield randomSchedule(seed);
    })(),
  );
}

export async function playedAll(schedules: Iterable<Schedule>): Promise<readonly Violation[]> {
  const calm = new Map<string, string>();
  const violations: Violation[] = [];
  const { stackTraceLimit } = Error;
  // Kills by the million: their stacks would cost more than all the rest.
  Error.stackTraceLimit = 0;
  for (const schedule of schedules) {
    const { packages, mode } = schedule;
    const facts = calm.get(`${packages} ${mode}`) ?? (await calmFacts(packages, mode)).facts;
    calm.set(`${packages} ${mode}`, facts);
    const { violations: found } = await played(schedule, facts);
    if (found.length > 0) violations.push({ what: `seed ${schedule.seed}`, violations: found });
  }
  Error.stackTraceLimit = stackTraceLimit;
  return violations;
}
