/**
 * A release is played in a simulated world: killed at every single point and at every pair of points, and through
 * random schedules of kills, lost replies, refusals, stale copies and lost machines. Each must end as an undisturbed
 * release ends, and no moment on the way may show half a batch.
 */
import { availableParallelism } from "node:os";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { calmFacts, played, randomSchedule } from "./release/schedule.ts";
import type { Fault } from "../../packages/release/test/simulated-world.ts";

export interface Violation {
  readonly what: string;
  readonly violations: readonly string[];
}

interface Share {
  readonly first: number;
  readonly count: number;
}

const randomSchedules = 1_000_000;
const crashPackages = 8;
const slicePackages = 2;

if (!isMainThread && parentPort) parentPort.postMessage(await randomShare(workerData as Share), []);

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const { seed, full } = options;
  const log = (line: string): void => options.log(line);
  const crashes = await crashSweep(
    full ? { packages: crashPackages, stride: 1 } : { packages: slicePackages, stride: 7 },
    log,
  );
  const count = full ? randomSchedules : 300;
  const startedMs = performance.now();
  const violations = full
    ? await inWorkers({ first: seed, count })
    : await randomShare({ first: seed, count });
  const tookS = (performance.now() - startedMs) / 1000;
  for (const { what, violations: list } of [...crashes.violations, ...violations].slice(0, 20)) {
    log(`${what}: ${list.join("; ")}`);
  }
  const failed = crashes.violations.length + violations.length;
  return {
    name: "release-simulation",
    summary: `${crashes.singles} single and ${crashes.doubles} double kills, ${count} random schedules: ${failed} violations`,
    figures: {
      "packages in the sweep": full ? crashPackages : slicePackages,
      "single kills": crashes.singles,
      "double kills": crashes.doubles,
      "random schedules": count,
      "random schedules per second": Math.round(count / tookS),
      violations: failed,
    },
    failed,
  };
}

/**
 * Every point where the process can die, and every pair of such points.
 *
 * @param sweep `stride` more than 1 takes only each such second point
 */
export async function crashSweep(
  { packages, stride }: { readonly packages: number; readonly stride: number },
  log: (line: string) => void,
): Promise<{
  readonly singles: number;
  readonly doubles: number;
  readonly violations: readonly Violation[];
}> {
  const calm = await calmFacts(packages);
  const violations: Violation[] = [];
  let singles = 0;
  let doubles = 0;
  const play = async (faults: ReadonlyMap<number, Fault>): Promise<number> => {
    const end = await played(
      { packages, faults, lostAfterRun: null, nextCommit: "c1", owners: 1, seed: 1 },
      calm.facts,
    );
    if (end.violations.length > 0)
      violations.push({ what: JSON.stringify([...faults]), violations: end.violations });
    return end.actions;
  };
  for (const [first, kind] of pointsUpTo(calm.actions)) {
    const actions = await play(new Map([[first, kind]]));
    singles++;
    for (const [second, secondKind] of pointsUpTo(actions)) {
      if (second <= first || (second - first) % stride !== 0) continue;
      await play(
        new Map([
          [first, kind],
          [second, secondKind],
        ]),
      );
      doubles++;
    }
    if (first % 20 === 0 && kind === "crash-after")
      log(`kills at ${first} of ${calm.actions} points, ${doubles} pairs`);
  }
  return { singles, doubles, violations };
}

function pointsUpTo(actions: number): (readonly [number, "crash-before" | "crash-after"])[] {
  return Array.from({ length: actions }, (_, at) => at + 1).flatMap((at) => [
    [at, "crash-before"] as const,
    [at, "crash-after"] as const,
  ]);
}

export async function randomShare({ first, count }: Share): Promise<readonly Violation[]> {
  const calm = new Map<number, string>();
  const violations: Violation[] = [];
  const { stackTraceLimit } = Error;
  // Kills by the million: their stacks would cost more than all the rest.
  Error.stackTraceLimit = 0;
  for (let seed = first; seed < first + count; seed++) {
    const schedule = randomSchedule(seed);
    const facts = calm.get(schedule.packages) ?? (await calmFacts(schedule.packages)).facts;
    calm.set(schedule.packages, facts);
    const { violations: found } = await played(schedule, facts);
    if (found.length > 0) violations.push({ what: `seed ${seed}`, violations: found });
  }
  Error.stackTraceLimit = stackTraceLimit;
  return violations;
}

async function inWorkers({ first, count }: Share): Promise<readonly Violation[]> {
  const workers = Math.max(1, availableParallelism());
  const each = Math.ceil(count / workers);
  const shares = Array.from({ length: workers }, (_, at): Share => {
    return { first: first + at * each, count: Math.min(each, count - at * each) };
  });
  const lists = await Promise.all(
    shares.map(
      (share) =>
        new Promise<readonly Violation[]>((resolve, reject) => {
          const worker = new Worker(new URL(import.meta.url), { workerData: share });
          worker.once("message", resolve);
          worker.once("error", reject);
        }),
    ),
  );
  return lists.flat();
}
