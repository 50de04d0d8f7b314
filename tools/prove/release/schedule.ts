import {
  Crash,
  batchOf,
  planFor,
  release,
  seeded,
  type Batch,
  type Fault,
  type SimulatedWorld,
} from "../../../packages/release/test/simulated-world.ts";

/** What goes wrong in one schedule: the fault of each action, counted over all runs. */
export interface Schedule {
  readonly packages: number;
  readonly faults: ReadonlyMap<number, Fault>;
  /** After this run (counted from 1) the journal is lost, and the next machine's build gives other bytes. */
  readonly lostAfterRun: number | null;
  /** Of the order in which things that go on at once take their turns. */
  readonly seed: number;
}

const runsMax = 14;

export interface Played {
  /** What was violated; empty when all held. */
  readonly violations: readonly string[];
  /** Over all runs. */
  readonly actions: number;
}

/** Plays a schedule to its end. */
export async function played(schedule: Schedule, calm: string): Promise<Played> {
  const batch = batchOf(schedule.packages);
  const rebuilt = batchOf(schedule.packages, " rebuilt");
  const world = seeded(batch);
  const guard = watch(world, [batch, rebuilt]);
  world.random = mulberry32(schedule.seed);
  world.turns = Math.floor(world.random() * 4);
  world.fault = (action) => schedule.faults.get(action) ?? null;
  const ended = (violations: readonly string[]): Played => ({ violations, actions: world.actions });
  let plan = planFor(world, batch);
  let own = batch;
  for (let run = 1; run <= runsMax; run++) {
    if (await finished(world, own, plan)) {
      return ended([...guard(), ...endViolations(world, calm, schedule)]);
    }
    if (schedule.lostAfterRun === run) {
      world.journal = "";
      own = rebuilt;
      plan = planFor(world, rebuilt);
    }
  }
  return ended([...guard(), `it had not ended after ${runsMax} runs`]);
}

export async function calmFacts(
  packages: number,
): Promise<{ readonly facts: string; readonly actions: number }> {
  const batch = batchOf(packages);
  const world = seeded(batch);
  await release(world, batch, planFor(world, batch));
  return { facts: JSON.stringify(world.facts()), actions: world.actions };
}

/** True when a run said that all is done. A conflict or an unexpected error is a violation of its own. */
async function finished(
  world: SimulatedWorld,
  batch: Batch,
  plan: ReturnType<typeof planFor>,
): Promise<boolean> {
  try {
    const { state } = await release(world, batch, plan);
    if (state === "conflict") world.violations.push("I2: a conflict, though nobody else was there");
    return state === "finished";
  } catch (error) {
    if (error instanceof Crash) return false;
    // Reading failed in the survey: the command ends with "registry unreachable", and is run again.
    if (error instanceof Error && error.message === "unreachable") return false;
    throw error;
  }
}

/** Looks at the world at every change: no moment may show half a batch. */
function watch(world: SimulatedWorld, batches: readonly Batch[]): () => readonly string[] {
  const known = new Map<string, Set<string>>();
  for (const { bytes } of batches) {
    for (const [name, each] of bytes) known.set(name, (known.get(name) ?? new Set()).add(textOf(each)));
  }
  const [{ candidates }] = batches as readonly [Batch];
  const latest = (of: string): string | undefined => world.packages.get(of)?.tags.get("latest");
  const isUp = (of: string): boolean => world.packages.get(of)?.versions.has("1.1.0") ?? false;
  world.onChange = (name) => {
    const candidate = candidates.find((each) => each.name === name);
    if (!candidate || latest(name) !== "1.1.0") return;
    for (const need of candidate.needs) {
      if (!isUp(need)) world.violations.push(`I3: latest of ${name} came before ${need} was there`);
    }
    // A package's first version is visible from its upload on; nobody can help that.
    const moved = candidates.filter((each) => each.name !== "p0" && latest(each.name) === "1.1.0");
    if (moved.length > 0 && !candidates.every((each) => isUp(each.name))) {
      world.violations.push(`latest of ${name} moved before the batch was whole`);
    }
  };
  return () => {
    for (const { name } of candidates) {
      const stored = world.packages.get(name)?.versions.get("1.1.0");
      if (stored && !known.get(name)?.has(textOf(stored.bytes)))
        world.violations.push(`I1: foreign bytes of ${name}`);
    }
    return world.violations;
  };
}

function endViolations(world: SimulatedWorld, calm: string, schedule: Schedule): string[] {
  const found: string[] = [];
  if (new Set(world.uploads).size !== world.uploads.length) found.push("a version was uploaded twice");
  // A machine without journal believes a registry's old copy; one with a journal looks twice.
  if (schedule.lostAfterRun === null && world.resent.length > 0)
    found.push("bytes were sent that were there already");
  const facts = JSON.stringify(world.facts());
  // After the loss of a machine some bytes come from the second build; all the rest is the same.
  const same = schedule.lostAfterRun === null ? facts === calm : facts.replaceAll(" rebuilt", "") === calm;
  if (!same) found.push(`I5: it ended otherwise than an undisturbed run: ${facts}`);
  return found;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
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
  "stale",
  "unreachable",
];

/** One seed, one schedule: 2 to 8 packages, up to 8 faults, sometimes a lost machine. */
export function randomSchedule(seed: number): Schedule {
  const random = mulberry32(seed);
  const packages = 2 + Math.floor(random() * 7);
  const horizon = packages * 20;
  const faults = new Map<number, Fault>();
  for (let left = Math.floor(random() * 9); left > 0; left--) {
    const kind = kinds[Math.floor(random() * kinds.length)] ?? "lost";
    faults.set(1 + Math.floor(random() * horizon), kind);
  }
  const lostAfterRun = random() < 0.3 ? 1 + Math.floor(random() * 2) : null;
  return { packages, faults, lostAfterRun, seed };
}
