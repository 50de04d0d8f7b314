import type { PackageName } from "../../../packages/kernel/src/index.ts";
import { markOf, type ReleaseCandidate } from "../../../packages/plan/src/index.ts";
import type { ReleaseResult } from "../../../packages/release/src/index.ts";
import type { Deed, SimulatedMachine } from "../../../packages/release/test/simulated-machine.ts";
import { integrityOf, type SimulatedWorld } from "../../../packages/release/test/simulated-world.ts";

const version = "1.1.0";

/** Looks at the world at every change and every deed: no moment may violate an invariant. */
export function watch(
  world: SimulatedWorld,
  machine: SimulatedMachine,
  candidates: readonly ReleaseCandidate[],
): void {
  machine.onDeed = (deed) => {
    intentFirst(world, deed);
    if (deed.kind === "upload" || deed.kind === "stage") inOrder(world, deed);
    if (deed.kind === "approve") approvals(world, deed);
    if (deed.kind === "set-tag" && deed.tag === "latest") tagMoves(world, deed);
    if (deed.kind === "remove-tag") signGoes(world, deed);
    if (deed.kind === "push") tagsGo(world, deed);
  };
  world.onChange = (name) => wholeOrNothing(world, { machine, candidates, name });
}

/** I7: nothing is done that the disk does not know of. */
function intentFirst({ violations }: SimulatedWorld, { machine, kind, name }: Deed): void {
  const intents = stepsOf[kind].map((step) => {
    const payload = kind === "push" ? `"step":"${step}"` : `"step":"${step}","package":"${name}"`;
    return `"type":"intent","payload":{${payload}`;
  });
  if (!intents.some((intent) => machine.journal.includes(intent)))
    violations.push(`I7: ${kind} ${name} without an intent`);
}

const stepsOf: Readonly<Record<Deed["kind"], readonly string[]>> = {
  upload: ["upload"],
  stage: ["upload"],
  approve: ["approve"],
  "set-tag": ["promote", "confirm", "clean"],
  "remove-tag": ["clean"],
  push: ["git-tags"],
};

/** I2 and I3: nothing is sent before all was looked at, after a conflict was seen, or before what it needs. */
function inOrder(world: SimulatedWorld, { machine, name, kind }: Deed): void {
  const packages = machine.plan?.packages ?? [];
  for (const each of packages)
    if (!machine.lookedAt.has(each.name)) world.violations.push(`I2: ${name} was sent, ${each.name} unseen`);
  const thisRun = machine.journal.slice(machine.journal.lastIndexOf(`"type":"run-started"`));
  const conflict = thisRun.indexOf(`"outcome":"conflict"`);
  if (conflict !== -1 && thisRun.lastIndexOf(`{"step":"upload","package":"${name}"`) > conflict)
    world.violations.push(`I2: ${name} was sent after a conflict`);
  // What waits for approval waits in no order.
  if (kind === "stage") return;
  for (const need of packages.find((each) => each.name === name)?.needs ?? [])
    if (!isThere(world, need) && !world.accepted.has(`upload ${need}`))
      world.violations.push(`I3: ${name} was sent before ${need}`);
}

/** I3: what is approved shows itself at once. So all of it waits or is there by then, read, and what it needs first. */
function approvals(world: SimulatedWorld, { machine, name }: Deed): void {
  const packages = machine.plan?.packages ?? [];
  for (const { name: each } of packages) {
    if (!isThere(world, each) && !world.waiting.has(each) && !world.accepted.has(`approve ${each}`))
      if (!world.rejected.has(each)) world.violations.push(`I3: ${name} was approved, ${each} not staged`);
    if (!world.fetched.has(each) && !world.approvedElsewhere.has(each))
      world.violations.push(`I1: ${name} was approved, bytes of ${each} unread`);
  }
  for (const need of packages.find((each) => each.name === name)?.needs ?? [])
    if (!isThere(world, need) && !world.accepted.has(`approve ${need}`))
      world.violations.push(`I3: ${name} was approved before ${need}`);
}

function isThere(world: SimulatedWorld, name: PackageName): boolean {
  return world.packages.get(name)?.versions.has(version) ?? false;
}

/** I3: `latest` of one moves when all have been seen on the registry, bytes included; and never back. */
function tagMoves(world: SimulatedWorld, { machine, name }: Deed): void {
  for (const each of machine.plan?.packages ?? []) {
    if (!world.shown.has(each.name))
      world.violations.push(`I3: latest of ${name} moved, ${each.name} unseen`);
    if (!world.fetched.has(each.name))
      world.violations.push(`I1: latest of ${name} moved, bytes of ${each.name} unread`);
  }
  for (const need of machine.plan?.packages.find((each) => each.name === name)?.needs ?? []) {
    const at = world.packages.get(need)?.tags.get("latest");
    if (at !== version && at !== "2.0.0" && !world.accepted.has(`tag ${need}`))
      world.violations.push(`I3: latest of ${name} moved before that of ${need}`);
  }
  const moved = world.movedAt.get(name);
  if (!moved || world.packages.get(name)?.tags.get("latest") !== "2.0.0") return;
  if (isMeant(world, machine, name)) return;
  const isOld = world.nowMs - moved.ms > 60_000 && !world.copies.has(name);
  if ((machine.shownAt.get(name) ?? 0) > moved.action || isOld)
    world.violations.push(`I5: latest of ${name} went back from a later version`);
}

/** The plan of this batch, or of the one that uploaded what is adopted, says so, and it was approved of. */
function isMeant(world: SimulatedWorld, { plan }: SimulatedMachine, name: PackageName): boolean {
  const manifest = world.packages.get(name)?.versions.get(version)?.view.manifest;
  const planned = plan?.packages.find((each) => each.name === name);
  const isPlanned = planned?.state === "missing" && planned.from === "2.0.0";
  return isPlanned || (manifest !== undefined && markOf(manifest)?.from === "2.0.0");
}

/** I4: the last sign that something is left to do goes when nothing is. */
function signGoes(world: SimulatedWorld, { machine, name, tag }: Deed): void {
  const packages = machine.plan?.packages ?? [];
  const isHeld = (each: PackageName): boolean =>
    [...(world.packages.get(each)?.tags.keys() ?? [])].some((key) => key.startsWith("slipway-"));
  if (packages.some((each) => each.name !== name && isHeld(each.name))) return;
  if (world.packages.get(name)?.tags.get(tag) === undefined) return;
  for (const { name: each } of packages) {
    const latest = world.packages.get(each)?.tags.get("latest");
    if (latest !== version && latest !== "2.0.0")
      world.violations.push(`I4: the last batch tag went before latest of ${each} moved`);
  }
  for (const { name: each } of machine.plan?.gitTags ?? [])
    if (!world.gitTags.has(each)) world.violations.push(`I4: the last batch tag went before git tag ${each}`);
}

/** Git tags are of what the registry showed and promoted. */
function tagsGo(world: SimulatedWorld, { machine }: Deed): void {
  for (const { name } of machine.plan?.packages ?? [])
    if (!world.shown.has(name)) world.violations.push(`I4: git tags were pushed, ${name} unseen`);
}

function wholeOrNothing(
  world: SimulatedWorld,
  change: {
    readonly machine: SimulatedMachine;
    readonly candidates: readonly ReleaseCandidate[];
    readonly name: PackageName;
  },
): void {
  const { machine, candidates, name } = change;
  const mode = machine.plan?.mode;
  if (world.approvedElsewhere.size > 0) return;
  const candidate = candidates.find((each) => each.name === name);
  const latest = (of: string): string | undefined => world.packages.get(of)?.tags.get("latest");
  const isUp = (of: string): boolean => isThere(world, of);
  if (!candidate || latest(name) !== version || world.foreign.has(name)) return;
  for (const need of candidate.needs) {
    const isSaid = world.accepted.has(`upload ${need}`) || world.accepted.has(`approve ${need}`);
    if (!isUp(need) && !(isSaid && mode !== "tag"))
      world.violations.push(`I3: latest of ${name} came before ${need} was there`);
  }
  // Mode `direct` shows one after the other; of what is staged `approvals` says when.
  if (mode !== "tag") return;
  // A package's first version is visible from its upload on; nobody can help that.
  const isMoved = candidates.some((each) => {
    return each.name !== "p0" && latest(each.name) === version && !world.foreign.has(each.name);
  });
  if (isMoved && !candidates.every((each) => isUp(each.name)))
    world.violations.push(`latest of ${name} moved before the batch was whole`);
}

/** I1, I2 and I6: what a run says that it released is what a stranger gets. */
export function watchResult(world: SimulatedWorld, result: ReleaseResult): void {
  for (const { name, version: at, integrity } of result.released) {
    const stored = world.packages.get(name)?.versions.get(at);
    if (!stored || integrityOf(stored.bytes) !== integrity || world.foreign.has(name))
      world.violations.push(`I1: ${name} is released as ${integrity}, and other bytes are there`);
  }
  const isDone = result.conflicts.length + result.parked.length + result.failures.length === 0;
  if ((result.state === "finished") !== isDone)
    world.violations.push(`I6: it ended ${result.state} with ${JSON.stringify(result)}`);
}
