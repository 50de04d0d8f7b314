/**
 * Random edits of a small workspace, and after each a run with the cache and a build without any, in a directory with
 * nothing but the files that count: the outputs must be the same, byte for byte, with modes and links. Sources also change
 * while tasks run, and the store is shared with runs in another work tree.
 */
import fc from "fast-check";
import { dispatch } from "../../packages/cli/src/dispatch.ts";
import { terminalOf } from "../../packages/cli/src/terminal.ts";
import { apply, editArbitrary, editKinds, meanwhileArbitrary, type Edit } from "./no-stale-hit/edits.ts";
import type { Proof } from "../prove.ts";
import { inParts, type Part, type PartsOptions } from "./parts/in-parts.ts";
import { SmallWorkspace } from "./no-stale-hit/small-workspace.ts";

const partCount = 13;
const stepsOfPart = 400;
const laneCount = 4;

const sources = [
  "tools/prove/no-stale-hit",
  ...["cli", "host", "plan", "run", "workspace"].map((room) => `packages/${room}/src`),
];

export function prove(options: PartsOptions): Promise<Proof> {
  const claim = {
    name: "no-stale-hit",
    summary: "After random edits a run with the cache leaves the same outputs as a build without any.",
    partCount,
    sources,
  };
  return inParts(claim, options, (at) => random({ ...options, seed: options.seed + at * laneCount }));
}

async function random(options: PartsOptions): Promise<Part> {
  const { seed, full } = options;
  const counts: Counts = {
    steps: 0,
    tasks: 0,
    hits: 0,
    meanwhile: 0,
    failing: 0,
    otherTrees: 0,
    atOnce: 0,
    keptModes: 0,
    kinds: new Map(editKinds.map((kind) => [kind, 0])),
  };
  const sequence = fc.array(oneStep, { minLength: full ? 30 : 8, maxLength: full ? 40 : 10 });
  const property = fc.asyncProperty(sequence, async (steps) => {
    if (full && counts.steps >= stepsOfPart) return;
    const workspace = new SmallWorkspace();
    try {
      await step({ edits: [], meanwhile: null }, workspace, counts);
      for (const each of steps) await step(each, workspace, counts);
      if (full) options.log(`${counts.steps} steps`);
    } finally {
      workspace.dispose();
    }
  });
  const check = { numRuns: full ? stepsOfPart : 1, endOnFailure: !full };
  // Mostly waiting for shells and git: several at a time. Their seeds are neighbours.
  const lanes = Array.from({ length: full ? laneCount : 1 }, (_, at) => seed + at);
  const results = await Promise.all(lanes.map((each) => fc.check(property, { seed: each, ...check })));
  const failures = results.filter(({ failed }) => failed);
  for (const failure of failures) {
    options.log(fc.defaultReportMessage(failure) ?? "failed");
    options.log(String(failure.errorInstance));
  }
  return { figures: figuresOf(counts), failed: failures.length };
}

const oneStep = fc.record({
  edits: fc.array(editArbitrary, { minLength: 0, maxLength: 3 }),
  meanwhile: fc.oneof(
    { weight: 9, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: meanwhileArbitrary },
  ),
});

function figuresOf(counts: Counts): Record<string, number> {
  return {
    steps: counts.steps,
    "tasks looked up": counts.tasks,
    "of these hits": counts.hits,
    "steps with an edit while tasks ran": counts.meanwhile,
    "steps after a run in another work tree": counts.otherTrees,
    "steps after two runs at the same time": counts.atOnce,
    "steps at which both builds failed": counts.failing,
    "modes of old files that a script kept, as it does without a cache": counts.keptModes,
    ...Object.fromEntries([...counts.kinds].map(([kind, count]) => [`edits: ${kind}`, count])),
  };
}

interface Counts {
  steps: number;
  tasks: number;
  hits: number;
  meanwhile: number;
  failing: number;
  otherTrees: number;
  atOnce: number;
  keptModes: number;
  /** How often each kind of edit found something to happen to. */
  readonly kinds: Map<string, number>;
}

interface Step {
  readonly edits: readonly Edit[];
  /** Done when the first task starts. What that run makes is of two states; the run after it has to be right again. */
  readonly meanwhile: Edit | null;
}

async function step({ edits, meanwhile }: Step, workspace: SmallWorkspace, counts: Counts): Promise<void> {
  for (const edit of edits) happen(edit, workspace, counts);
  counts.steps++;
  workspace.noteIgnored();
  const { next } = workspace;
  workspace.next = "run";
  if (next === "other-tree") {
    counts.otherTrees++;
    await workspace.inOtherTree((root) => build(workspace, { root }));
  } else if (next === "two-at-once") {
    counts.atOnce++;
    const other = { ...workspace.env, MODE: "mode-other", APP_ONE: "other" };
    await Promise.all([build(workspace), build(workspace, { env: other })]);
  }
  if (meanwhile) {
    counts.meanwhile++;
    // In the same tick of the clock as the change before it, as far as the machine is quick enough.
    happen({ ...meanwhile, kind: "write" }, workspace, counts);
    await build(workspace, { onFirstStart: () => happen(meanwhile, workspace, counts) });
  }
  const ran = await build(workspace);
  counts.tasks += ran.ends.size;
  counts.hits += [...ran.ends.values()].filter((cache) => cache === "hit").length;
  compare(ran, workspace, counts);
}

interface Ran {
  readonly exit: number;
  /** By package. */
  readonly ends: ReadonlyMap<string, string>;
  readonly told: string;
}

interface How {
  readonly root?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onFirstStart?: () => void;
}

async function build(
  workspace: SmallWorkspace,
  { root = workspace.root, env = workspace.env, onFirstStart = () => {} }: How = {},
): Promise<Ran> {
  const lines: string[] = [];
  const ends = new Map<string, string>();
  let isFirst = true;
  const outside = {
    cwd: root,
    env,
    terminal: terminalOf({ stdin: {}, stdout: {}, stderr: { write: () => true } }, {}),
    signal: new AbortController().signal,
    say: (text: string) => void lines.push(text),
    answer(text: string) {
      const event = JSON.parse(text) as { type: string; package: string; cache: string };
      if (event.type !== "output") lines.push(text);
      if (event.type === "task") ends.set(event.package, event.cache);
      if (event.type === "start" && isFirst) {
        isFirst = false;
        onFirstStart();
      }
    },
  };
  const exit = await dispatch(["run", "build", "--json", "--concurrency=2"], outside);
  return { exit, ends, told: lines.join("\n") };
}

function happen(edit: Edit, workspace: SmallWorkspace, { kinds }: Counts): void {
  if (apply(edit, workspace)) kinds.set(edit.kind, (kinds.get(edit.kind) ?? 0) + 1);
}

function compare({ exit, ends, told }: Ran, workspace: SmallWorkspace, counts: Counts): void {
  const clean = workspace.cleanBuild();
  if ((clean === null) !== (exit !== 0)) {
    throw new Error(
      `the run ended with ${exit}, and a clean build ${clean ? "succeeds" : "fails"}:\n${told}`,
    );
  }
  if (clean === null) {
    counts.failing++;
    return;
  }
  const ours = workspace.outputs();
  for (const path of new Set([...clean.keys(), ...ours.keys()])) {
    const [own, wanted] = [ours.get(path), clean.get(path)];
    if (own === wanted) {
      workspace.chmodded.delete(path);
      continue;
    }
    const wasRun = ends.get(path.split("/")[1] ?? "") !== "hit";
    if (wasRun && workspace.chmodded.has(path) && withoutMode(own) === withoutMode(wanted)) {
      counts.keptModes++;
      continue;
    }
    throw new Error(
      `${path} is ${JSON.stringify(own)}, a clean build makes ${JSON.stringify(wanted)}\n${told}`,
    );
  }
}

function withoutMode(output: string | undefined): string | undefined {
  return output?.replace(/^\d+ /, "");
}
