import type { ReleaseMode } from "../../../packages/plan/src/index.ts";
import type { Fault } from "../../../packages/release/test/simulated-world.ts";
import { mulberry32 } from "../../mulberry32.ts";
import type { Schedule } from "./schedule.ts";

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

/** What people do at the registry while versions wait for them. */
const stageKinds: readonly Fault[] = ["approver", "rejecter"];

/** Of ten seeds: the others are of mode `tag`. */
const modes: readonly ReleaseMode[] = ["stage", "stage", "direct"];

/** One seed, one schedule: 2 to 8 packages, up to 8 faults, sometimes a lost machine or a second owner. */
export function randomSchedule(seed: number): Schedule {
  const schedule = tagSchedule(seed);
  const mode = modeOf(seed);
  return mode === "tag" ? schedule : inOtherMode(schedule, mode);
}

export function modeOf(seed: number): ReleaseMode {
  return modes[seed % 10] ?? "tag";
}

/** The same faults, as far as they can be met there. */
function inOtherMode(schedule: Schedule, mode: ReleaseMode): Schedule {
  const random = mulberry32(schedule.seed ^ 0x5eed);
  const faults = new Map(schedule.faults);
  for (const [action, fault] of faults) {
    // No tag holds these back: who moves `latest` on between a look and an upload or an approval is overtaken.
    if (fault === "mover" || fault === "reset") faults.set(action, "lost");
    if (mode === "stage" && random() < 0.15)
      faults.set(action, stageKinds[Math.floor(random() * stageKinds.length)] ?? "approver");
  }
  const approval = random() < 0.5 ? "here" : "elsewhere";
  return { ...schedule, faults, mode, approval, owners: 1 };
}

function tagSchedule(seed: number): Schedule {
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
  return { packages, mode: "tag", approval: "here", faults, lostAfterRun, nextCommit, owners, seed };
}
