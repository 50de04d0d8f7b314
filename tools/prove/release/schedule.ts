import { UserError } from "../../../packages/kernel/src/index.ts";
import type { ReleaseResult } from "../../../packages/release/src/index.ts";
import {
  batchOf,
  planned,
  release,
  seeded,
  type Batch,
  type SealedBatch,
} from "../../../packages/release/test/simulated-batch.ts";
import { Crash, SimulatedMachine } from "../../../packages/release/test/simulated-machine.ts";
import type { Fault, SimulatedWorld } from "../../../packages/release/test/simulated-world.ts";
import { watch, watchResult } from "./watch.ts";

/** What goes wrong in one schedule: the fault of each action, counted over all runs. */
export interface Schedule {
  readonly packages: number;
  readonly faults: ReadonlyMap<number, Fault>;
  /** After this run (counted from 1) the machine is lost, and the next one's build gives other bytes. */
  readonly lostAfterRun: number | null;
  /** The commit that the next machine stands at: the branch may have moved on. */
  readonly nextCommit: "c1" | "c2";
  /** Two machines release at once, as if no lock held them apart. */
  readonly owners: 1 | 2;
  /** Of the order in which things that go on at once take their turns. */
  readonly seed: number;
}

const runsMax = 16;

export interface Played {
  /** What was violated; empty when all held. */
  readonly violations: readonly string[];
  /** Over all runs. */
  readonly actions: number;
}

/** Plays a schedule to its end: until nothing is left to do, or until a fault that nothing heals has its verdict. */
export async function played(schedule: Schedule, calm: string): Promise<Played> {
  const first = seeded(batchOf(schedule.packages));
  const { world } = first;
  world.random = mulberry32(schedule.seed);
  world.turns = Math.floor(world.random() * 4);
  world.fault = (action) => schedule.faults.get(action) ?? null;
  const lastFault = Math.max(0, ...schedule.faults.keys());
  const owners = [new Owner(first, batchOf(schedule.packages))];
  if (schedule.owners === 2) owners.push(another(world, schedule));
  for (let run = 1; run <= runsMax; run++) {
    const isCalm = world.actions >= lastFault;
    const ends = await Promise.all(owners.map((owner) => owner.run()));
    const isOver = ends.every((end) => end === "finished" || (end === "stuck" && isCalm));
    if (isOver) {
      const violations = [...world.violations, ...endViolations(world, { calm, schedule, ends })];
      return { violations, actions: world.actions };
    }
    if (schedule.lostAfterRun === run) owners.splice(0, 1, another(world, schedule));
  }
  return {
    violations: [...world.violations, `it had not ended after ${runsMax} runs`],
    actions: world.actions,
  };
}

function another(world: SimulatedWorld, { packages, nextCommit }: Schedule): Owner {
  return new Owner(new SimulatedMachine(world), batchOf(packages, "rebuilt "), nextCommit);
}

/** `stuck`: it says that something stands in its way for good. */
type End = "finished" | "again" | "stuck";

/** Somebody who runs the same command again and again on one machine. */
class Owner {
  private readonly machine: SimulatedMachine;
  private readonly batch: Batch;
  private readonly commit: string;
  private sealed: SealedBatch | null = null;

  constructor(machine: SimulatedMachine, batch: Batch, commit = "c1") {
    this.machine = machine;
    this.batch = batch;
    this.commit = commit;
    watch(machine.world, machine, batch.candidates);
  }

  async run(): Promise<End> {
    const { machine } = this;
    try {
      machine.start();
      const sealed = this.sealed ?? (await planned(machine, this.batch, this.commit));
      if (!this.sealed) machine.plannedAt = machine.world.actions;
      this.sealed = { plan: sealed.plan, bytes: sealed.bytes };
      if (sealed.plan.packages.length + sealed.plan.gitTags.length === 0) return "finished";
      const result = await release(machine, sealed);
      watchResult(machine.world, result);
      return this.endOf(result);
    } catch (error) {
      if (error instanceof Crash) return "again";
      // Reading failed, in planning or in the survey; what is spoiled is never served as it says.
      if (error instanceof UserError)
        return this.sealed === null && isSpoilt(machine.world) ? "stuck" : "again";
      throw error;
    }
  }

  private endOf({ state, conflicts, failures }: ReleaseResult): End {
    if (state === "finished") return "finished";
    if (state === "conflict" && conflicts.every(({ twin }) => twin)) {
      // Another machine's build of this release is there: it is adopted.
      this.sealed = null;
      this.machine.journal = "";
      return "again";
    }
    if (state === "conflict" && !this.isExpected(conflicts))
      this.machine.world.violations.push(`I2: a conflict, though nobody was there: ${conflicts[0]?.message}`);
    // A remote that refuses git tags (no name) may be told to take them.
    const isRefused = failures.some(({ name, outcome }) => name !== "" && outcome === "permanent");
    const isFinal = isRefused || state === "conflict";
    return isFinal ? "stuck" : "again";
  }

  private isExpected(conflicts: ReleaseResult["conflicts"]): boolean {
    const named = conflicts.every(
      ({ sealed, served }) => sealed !== null && served !== null && sealed !== served,
    );
    return named && isSpoilt(this.machine.world);
  }
}

export async function calmFacts(
  packages: number,
): Promise<{ readonly facts: string; readonly actions: number }> {
  const batch = batchOf(packages);
  const machine = seeded(batch);
  await release(machine, await planned(machine, batch));
  return { facts: JSON.stringify(machine.world.facts()), actions: machine.world.actions };
}

/** Something stands in the way that no rerun heals. */
function isSpoilt(world: SimulatedWorld): boolean {
  return world.foreign.size + world.orphans.size > 0;
}

function endViolations(
  world: SimulatedWorld,
  {
    calm,
    schedule,
    ends,
  }: { readonly calm: string; readonly schedule: Schedule; readonly ends: readonly End[] },
): string[] {
  const found: string[] = [];
  const isOneMachine = schedule.lostAfterRun === null && schedule.owners === 1;
  if (isSpoilt(world)) return [...found, ...spoiltViolations(world, ends, isOneMachine)];
  // A machine without journal believes an old copy of everything; one with a journal looks for the tarball too.
  if (isOneMachine && world.resent.length > 0 && !world.met.has("late"))
    found.push("bytes were sent that were there already");
  if (ends.includes("stuck")) found.push("it is stuck, though nothing stands in its way");
  found.push(...tagsElsewhere(world, schedule));
  const facts = settledFacts(world);
  // After the loss of a machine some bytes come from the second build; all the rest is the same.
  const same = isOneMachine ? facts === calm : elsewhere(facts) === elsewhere(calm);
  if (!same) found.push(`I5: it ended otherwise than an undisturbed run: ${facts}`);
  return found;
}

/** Where foreign bytes or an orphan stand in the way, nothing of the batch may have become visible. */
function spoiltViolations(world: SimulatedWorld, ends: readonly End[], isOneMachine: boolean): string[] {
  // Another machine plans anew, and a version that is there by then without our mark is not in its batch.
  const isLeftOut = !isOneMachine && world.orphans.size === 0;
  if (ends.includes("finished")) return isLeftOut ? [] : ["I6: it says finished, and it cannot be"];
  const moved = [...world.packages].filter(([name, { tags, versions }]) => {
    const isOld = versions.has("1.0.0") && !world.foreign.has(name);
    return isOld && tags.get("latest") === "1.1.0";
  });
  const found = moved.map(([name]) => `latest of ${name} moved, and the batch cannot become whole`);
  if (world.gitTags.size > 0) found.push("git tags were made, and the batch cannot become whole");
  return isLeftOut ? [] : found;
}

/** What only says on which machine, and at which commit, it was done. */
function elsewhere(facts: string): string {
  return facts
    .replaceAll("rebuilt ", "")
    .replaceAll(`"c2"`, `"c1"`)
    .replaceAll(/"release-[0-9a-f]{12}"/g, `"release"`);
}

/** Git tags stand at the commit that the bytes were built from. */
function tagsElsewhere(world: SimulatedWorld, { nextCommit }: Schedule): string[] {
  return [...world.packages].flatMap(([name, { versions }]) => {
    const bytes = versions.get("1.1.0")?.view.integrity ?? "";
    const built = bytes.includes("rebuilt") ? nextCommit : "c1";
    const at = world.gitTags.get(`${name}@1.1.0`);
    return at === built ? [] : [`git tag of ${name} is at ${at}, its bytes are of ${built}`];
  });
}

/** Without what others did: the later version that they made `latest`. */
function settledFacts(world: SimulatedWorld): string {
  for (const name of world.movedAt.keys()) {
    const stored = world.packages.get(name);
    stored?.versions.delete("2.0.0");
    if (stored?.tags.get("latest") === "2.0.0") stored.tags.set("latest", "1.1.0");
  }
  return JSON.stringify(world.facts());
}

/** Source: Tommy Ettinger, mulberry32, public domain. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const kinds: readonly Fault[] = [
  "crash-before",
  "crash-after",
  "refused",
  "lost",
  "busy",
  "unreachable",
  "forgotten",
  "stale",
  "late",
  "garbled",
  "clock-ahead",
  "clock-back",
  "untagged",
  "reset",
  "mover",
];

/** Nothing heals these: at most one in a schedule. */
const lastingKinds: readonly Fault[] = ["intruder", "spoiled", "orphaned"];

/** One seed, one schedule: 2 to 8 packages, up to 8 faults, sometimes a lost machine or a second owner. */
export function randomSchedule(seed: number): Schedule {
  const random = mulberry32(seed);
  const one = <T>(of: readonly T[]): T | undefined => of[Math.floor(random() * of.length)];
  // Small batches more often: the same faults are denser in them.
  const packages = 2 + Math.floor(random() ** 3 * 7);
  const horizon = packages * 20;
  const faults = new Map<number, Fault>();
  for (let left = Math.floor(random() * 9); left > 0; left--)
    faults.set(1 + Math.floor(random() * horizon), one(kinds) ?? "lost");
  // What happens to uploads alone is put where they are: after the looks of planning and of the survey.
  if (random() < 0.15) faults.set(Math.floor(packages * (2 + random() * 4)), one(lastingKinds) ?? "spoiled");
  const lostAfterRun = random() < 0.3 ? 1 + Math.floor(random() * 2) : null;
  // What is put back in the sight of one of two machines, the other one can't know; the one that sees it mends it.
  const owners = random() < 0.1 && ![...faults.values()].includes("reset") ? 2 : 1;
  // Two machines at once are two runs of one job. A lost dist-tag is found again from the same commit alone.
  const isTold =
    owners === 1 && ![...faults.values()].some((fault) => fault === "untagged" || fault === "reset");
  const nextCommit = random() < 0.3 && isTold ? "c2" : "c1";
  return { packages, faults, lostAfterRun, nextCommit, owners, seed };
}
