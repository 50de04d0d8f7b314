import type { ReleaseMode } from "../../../packages/plan/src/index.ts";
import { batchOf, seeded } from "../../../packages/release/test/simulated-batch.ts";
import { SimulatedMachine } from "../../../packages/release/test/simulated-machine.ts";
import type { Fault, SimulatedWorld } from "../../../packages/release/test/simulated-world.ts";
import { isSpoilt, Owner, type End, type Habits } from "./owner.ts";
import { mulberry32 } from "../../mulberry32.ts";

/** What goes wrong in one schedule: the fault of each action, counted over all runs. */
export interface Schedule {
  readonly packages: number;
  readonly mode: ReleaseMode;
  readonly approval: Habits["approval"];
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

/** A schedule as a file keeps it. */
export interface KeptSchedule {
  readonly faults: Readonly<Record<string, string | undefined>>;
  readonly [fact: string]: unknown;
}

/** In mode `tag` when the file does not say. */
export function scheduleOf({ faults, ...others }: KeptSchedule): Schedule {
  const usual: Pick<Schedule, "mode" | "approval"> = { mode: "tag", approval: "here" };
  const numbered = Object.entries(faults).map(([action, fault]) => [Number(action), fault as Fault] as const);
  const kept = others as unknown as Omit<Schedule, keyof typeof usual>;
  return { ...usual, ...kept, faults: new Map(numbered) };
}

const runsMax = 24;

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
  const owners = [new Owner(first, schedule)];
  if (schedule.owners === 2) owners.push(another(world, schedule));
  for (let run = 1; run <= runsMax; run++) {
    const isCalm = world.actions >= lastFault;
    const ends = await Promise.all(owners.map((owner) => owner.run()));
    const isOver = ends.every((end) => end === "finished" || (end === "stuck" && isCalm));
    if (isOver) {
      const violations = [...world.violations, ...endViolations(world, { calm, schedule, ends })];
      return { violations, actions: world.actions };
    }
    // People take their time, and registries show by then what they did.
    if (schedule.mode === "stage") world.nowMs += 60_000;
    if (schedule.lostAfterRun === run) owners.splice(0, 1, another(world, schedule));
  }
  return {
    violations: [...world.violations, `it had not ended after ${runsMax} runs`],
    actions: world.actions,
  };
}

function another(world: SimulatedWorld, schedule: Schedule): Owner {
  const habits = { ...schedule, build: "rebuilt ", commit: schedule.nextCommit };
  return new Owner(new SimulatedMachine(world), habits);
}

/** How an undisturbed release ends. */
export async function calmFacts(
  packages: number,
  mode: ReleaseMode = "tag",
): Promise<{ readonly facts: string; readonly actions: number }> {
  const machine = seeded(batchOf(packages));
  const owner = new Owner(machine, { packages, mode, approval: "here" });
  while ((await owner.run()) === "again") continue;
  return { facts: JSON.stringify(machine.world.facts()), actions: machine.world.actions };
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
  if (isSpoilt(world))
    return [...found, ...spoiltViolations(world, { ends, isOneMachine, mode: schedule.mode })];
  // A machine without journal believes an old copy of everything; one with a journal looks for the tarball too.
  const isBegunAnew = world.met.has("rejecter") && world.met.has("stale");
  if (isOneMachine && world.resent.length > 0 && !world.met.has("late") && !isBegunAnew)
    found.push("bytes were sent that were there already");
  if (ends.includes("stuck")) found.push("it is stuck, though nothing stands in its way");
  found.push(...tagsElsewhere(world, schedule));
  const facts = settledFacts(world);
  // After the loss of a machine some bytes come from the second build; all the rest is the same.
  const isLater = schedule.mode !== "tag" && schedule.nextCommit === "c2";
  const same = isOneMachine ? facts === calm : elsewhere(facts, isLater) === elsewhere(calm, isLater);
  if (!same) found.push(`I5: it ended otherwise than an undisturbed run: ${facts}`);
  return found;
}

/** Where foreign bytes or an orphan stand in the way, nothing of the batch may have become visible. */
function spoiltViolations(
  world: SimulatedWorld,
  of: { readonly ends: readonly End[]; readonly isOneMachine: boolean; readonly mode: ReleaseMode },
): string[] {
  const { ends, isOneMachine, mode } = of;
  // Another machine plans anew, and a version that is there by then without our mark is not in its batch.
  const isLeftOut = !isOneMachine && world.orphans.size === 0;
  if (ends.includes("finished")) return isLeftOut ? [] : ["I6: it says finished, and it cannot be"];
  const moved = [...world.packages].filter(([name, { tags, versions }]) => {
    const isOld = versions.has("1.0.0") && !world.foreign.has(name);
    return isOld && tags.get("latest") === "1.1.0";
  });
  // One after the other, or as people approve, is what these promise.
  const isShownInParts = mode === "direct" || world.approvedElsewhere.size > 0;
  const parts = isShownInParts ? [] : moved;
  const found = parts.map(([name]) => `latest of ${name} moved, and the batch cannot become whole`);
  if (world.gitTags.size > 0) found.push("git tags were made, and the batch cannot become whole");
  return isLeftOut ? [] : found;
}

/**
 * What only says on which machine, and at which commit, it was done. Without batch tags on the registry, a machine at a
 * later commit finds nothing left to do once every package has its git tag: the batch's own may be missing then.
 */
function elsewhere(facts: string, isLater: boolean): string {
  return facts
    .replaceAll("rebuilt ", "")
    .replaceAll(`"c2"`, `"c1"`)
    .replaceAll(isLater ? /,"release-[0-9a-f]{12}":"c1"/g : /$^/g, "")
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
