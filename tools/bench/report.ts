import { median, type Sample } from "./measure.ts";
import { stepTitles, type StepName } from "./contenders.ts";

/** One call of one contender. */
export interface Measured {
  readonly step: StepName;
  readonly count: number;
  readonly name: string;
  readonly round: number;
  readonly sample: Sample;
  /** What `npm run bench --` was given when it was measured. */
  readonly asked: string;
}

/** Each command whose calls stand in the tables, in the order of their first call. */
export function commandsOf(all: readonly Measured[]): string[] {
  return [...new Set(all.map(({ asked }) => asked))].map((asked) => `npm run bench -- ${asked}`);
}

const head = [
  "| step | packages | tool | wall s | spread s | CPU s | Slipway's wall | Slipway's CPU | peak MiB | foreign | calls |",
  "|---|--:|---|--:|---|--:|--:|--:|--:|--:|--:|",
];

/** A table of medians; ratios are those of Slipway's medians to the row's. */
export function table(all: readonly Measured[]): string[] {
  const order = Object.keys(stepTitles);
  const sorted = all.toSorted((a, b) => a.count - b.count || order.indexOf(a.step) - order.indexOf(b.step));
  const groups = Map.groupBy(sorted, ({ step, count }) => `${step} ${count}`);
  const rows = [...groups.values()].flatMap((group) => {
    const byName = Map.groupBy(group, ({ name }) => name);
    const mine = (byName.get("slipway") ?? []).map(({ sample }) => sample);
    return [...byName.values()].map((of) => row(of, mine));
  });
  return [...head, ...rows];
}

interface Goal {
  readonly step: StepName;
  readonly of: string;
  /** What it is asked, where it can be asked in more than one way. */
  readonly asks?: string;
  readonly ratioMax: number;
  /** Where only its CPU is a goal. */
  readonly cpuOnly?: boolean;
}

/** What a step may take at most, as a share of what another tool takes for it; with 1000 packages. */
const goals: readonly Goal[] = [
  { step: "noop", of: "turbo", ratioMax: 0.25 },
  { step: "affected", of: "turbo", asks: "ls --affected", ratioMax: 0.4 },
  { step: "affected", of: "turbo query affected", ratioMax: 0.4 },
  { step: "cold", of: "bare spawner", ratioMax: 1.4, cpuOnly: true },
  { step: "restore", of: "turbo", ratioMax: 0.7 },
  { step: "restore", of: "bare restorer", ratioMax: 1.5 },
  { step: "leaf", of: "turbo", ratioMax: 0.3 },
  { step: "graph", of: "turbo", ratioMax: 0.5 },
];

/** A table of the goals, and whether they are met; other programs disturb walls more than CPU. */
export function goalTable(all: readonly Measured[]): string[] {
  const rows = goals.map((goal) => {
    const { step, of, asks, ratioMax, cpuOnly } = goal;
    const [mine, theirs] = [samplesOf(all, step, "slipway"), samplesOf(all, step, of)];
    const ratios = { cpu: cpu(mine) / cpu(theirs), wall: wall(mine) / wall(theirs) };
    const asked = `${ratioMax} x ${of}${asks === undefined ? "" : ` ${asks}`}${cpuOnly ? ", CPU" : ""}`;
    return `| ${stepTitles[step]} | ${asked} | ${times(ratios.cpu)} | ${times(ratios.wall)} | ${verdict(ratios, goal)} |`;
  });
  return ["| step, 1000 packages | goal | CPU | wall | met |", "|---|---|--:|--:|---|", ...rows];
}

/** With 1000 packages, as the goals are. */
function samplesOf(all: readonly Measured[], step: StepName, name: string): Sample[] {
  return samples(all, { step, name, count: 1000 });
}

function samples(
  all: readonly Measured[],
  { step, name, count }: Pick<Measured, "step" | "name" | "count">,
): Sample[] {
  const those = all.filter((one) => one.step === step && one.count === count && one.name === name);
  return those.map(({ sample }) => sample);
}

/** What three times the packages cost Slipway: twice the packages may at most double a step, so three times at most triple it. */
export function growthTable(all: readonly Measured[]): string[] {
  const rows = (Object.keys(stepTitles) as StepName[]).flatMap((step) => {
    const of = (count: number): Sample[] => samples(all, { step, name: "slipway", count });
    const [small, large] = [of(1000), of(3000)];
    if (small.length === 0 || large.length === 0) return [];
    const ratios = { cpu: cpu(large) / cpu(small), wall: wall(large) / wall(small) };
    const peaks = [small, large].map((list) => Math.round(Math.max(...list.map(({ peakMiB }) => peakMiB))));
    return [
      `| ${stepTitles[step]} | ${times(ratios.cpu)} | ${times(ratios.wall)} | ${peaks.join(" to ")} | ${verdict(ratios, { ratioMax: 3 })} |`,
    ];
  });
  if (rows.length === 0) return [];
  return [
    "| step, 3000 packages beside 1000 (goal: 3 x) | CPU | wall | peak MiB | met |",
    "|---|--:|--:|--:|---|",
    ...rows,
    "",
  ];
}

/** What the goal of `affected` leaves: nothing that compares a work tree with a commit can be faster than git. */
export function floorOfAffected(all: readonly Measured[]): string[] {
  const [floor, theirs] = [
    samplesOf(all, "affected", "bare Node and git"),
    samplesOf(all, "affected", "turbo"),
  ];
  if (floor.length === 0 || theirs.length === 0) return [];
  return [
    "The goal of `affected` names both of turbo's ways to ask. The floor for a program on Node is a start that does nothing",
    `and one \`git diff --name-only\`: ${wall(floor).toFixed(2)} s, CPU ${cpu(floor).toFixed(2)} s, which is ${times(wall(floor) / wall(theirs))} and ${times(cpu(floor) / cpu(theirs))} of \`turbo ls --affected\` by itself, before`,
    "untracked files are looked for (here by the time stamps of all directories).",
    "",
  ];
}

function verdict(
  ratios: { readonly cpu: number; readonly wall: number },
  { ratioMax, cpuOnly = false }: Pick<Goal, "ratioMax" | "cpuOnly">,
): string {
  if (!Number.isFinite(ratios.cpu)) return "not measured";
  const byCpu = ratios.cpu <= ratioMax;
  const byWall = ratios.wall <= ratioMax;
  if (byCpu && (cpuOnly || byWall)) return "yes";
  if (byCpu) return "by CPU";
  return byWall && !cpuOnly ? "by wall" : "**no**";
}

/** How much of the machine others had while it was measured: what the reader has to know before the walls. */
export function loadSentence(all: readonly Measured[], processors: number): string {
  const foreign = median(all.map(({ sample }) => sample.foreignCores));
  const share = `Other programs kept ${foreign.toFixed(1)} of ${processors} processors busy meanwhile (median)`;
  return foreign < processors / 10
    ? `${share}.`
    : `${share}: read the walls as upper bounds, compare CPU, and measure again on a quiet machine.`;
}

function row(of: readonly Measured[], mine: readonly Sample[]): string {
  const list = of.map(({ sample }) => sample);
  const walls = list.map(({ wallSeconds }) => wallSeconds);
  const spread = `${Math.min(...walls).toFixed(2)} to ${Math.max(...walls).toFixed(2)}`;
  const [first] = of;
  const cells = [
    first ? stepTitles[first.step] : "",
    first?.count ?? "",
    first?.name ?? "",
    wall(list).toFixed(2),
    spread,
    cpu(list).toFixed(2),
    times(wall(mine) / wall(list)),
    times(cpu(mine) / cpu(list)),
    Math.round(Math.max(...list.map(({ peakMiB }) => peakMiB))),
    median(list.map(({ foreignCores }) => foreignCores)).toFixed(1),
    list.length,
  ];
  return `| ${cells.join(" | ")} |`;
}

function times(ratio: number): string {
  return Number.isFinite(ratio) ? `${ratio.toFixed(2)} x` : "";
}

function wall(list: readonly Sample[]): number {
  return median(list.map(({ wallSeconds }) => wallSeconds));
}

function cpu(list: readonly Sample[]): number {
  return median(list.map(({ cpuSeconds }) => cpuSeconds));
}
