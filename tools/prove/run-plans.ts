/**
 * Random workspaces, planned by Slipway, by the real turbo (written to disk, `--dry=json`) and by nx's own task graph (in
 * memory): the same tasks with the same needs, or both refuse.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { planRun } from "../../packages/plan/src/index.ts";
import { onDisk } from "../../packages/cli/test/peers/fixture.ts";
import { ourPlan } from "../../packages/cli/test/peers/our-plan.ts";
import { askNxGraphs, installPeers, peerModules, runPeer } from "../../packages/cli/test/peers/peers.ts";
import { workspaceOf } from "../../packages/plan/test/run/workspace-of.ts";
import {
  inTurbosWords,
  nxGraphOf,
  scenarioArbitrary,
  sketchOf,
  type Scenario,
} from "./run-plans/scenario.ts";

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  installPeers();
  const { seed, full } = options;
  const log = (line: string): void => options.log(line);
  const counts = { nxPlans: 0, nxRefused: 0, turboPlans: 0, turboRefused: 0 };
  let failed = 0;
  const scenarios = fc.sample(scenarioArbitrary, { seed, numRuns: full ? 5000 : 400 });
  const nxOutcomes = plannedByNx(scenarios);
  for (const [at, scenario] of scenarios.entries()) {
    const theirs = nxOutcomes[at] ?? "no answer";
    if (theirs === "refused") counts.nxRefused++;
    else counts.nxPlans++;
    failed += compared("nx", { scenario, ours: plannedBySlipway(scenario), theirs }, log);
  }
  for (const scenario of scenarios.slice(0, full ? 400 : 20)) {
    const { ours, theirs } = await plannedOnDisk(scenario);
    if (theirs === "refused") counts.turboRefused++;
    else counts.turboPlans++;
    failed += compared("turbo", { scenario, ours, theirs }, log);
  }
  const summary =
    "Random workspaces planned by Slipway, by turbo 2.11.11 and by nx 24.0.6: the same tasks with the same needs.";
  return { name: "run-plans", summary, figures: counts, failed };
}

interface Comparison {
  readonly scenario: Scenario;
  readonly ours: string;
  readonly theirs: string;
}

function compared(tool: string, { scenario, ours, theirs }: Comparison, log: (line: string) => void): number {
  if (ours === theirs) return 0;
  log(`${tool} differs for ${JSON.stringify(scenario)}\n  ours   ${ours}\n  theirs ${theirs}`);
  return 1;
}

function plannedByNx(scenarios: readonly Scenario[]): readonly string[] {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "slipway-graphs-")));
  try {
    mkdirSync(join(root, "node_modules"));
    symlinkSync(join(peerModules, "nx"), join(root, "node_modules/nx"));
    const questions = scenarios.map((scenario) => {
      const { tasks, configuration } = scenario;
      return { graph: nxGraphOf(scenario), targets: tasks, configuration };
    });
    return askNxGraphs(root, questions).map((answer) => {
      if ("fails" in answer) return "refused";
      return outcomeOf(answer.tasks.map(({ id, needs }) => [inOurWords(id), needs.map(inOurWords)]));
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** `p1:build:ci` -> `p1#build:ci` */
function inOurWords(id: string): string {
  return id.replace(":", "#");
}

function plannedBySlipway(scenario: Scenario): string {
  const workspace = workspaceOf(sketchOf(scenario, "nx"));
  const { tasks, configuration } = scenario;
  // nx passes over a name that no project has; Slipway says so.
  const known = tasks.filter((task) => scenario.packages.some(({ scripts }) => scripts.includes(task)));
  const planned = planRun(workspace, { tasks: known, packages: null, configuration, args: [], only: false });
  if (!planned.ok) return "refused";
  const needs = new Map<string, readonly string[]>(planned.value.tasks.map((one) => [one.id, one.needs]));
  const real = new Set<string>(
    planned.value.tasks.filter(({ action }) => action !== null).map(({ id }) => id),
  );
  const through = (id: string): readonly string[] =>
    (needs.get(id) ?? []).flatMap((need) => (real.has(need) ? [need] : through(need)));
  return outcomeOf([...real].map((id) => [id, through(id)]));
}

async function plannedOnDisk(
  scenario: Scenario,
): Promise<{ readonly ours: string; readonly theirs: string }> {
  const workspace = onDisk(inTurbosWords(scenario));
  try {
    const [ours, theirs] = await Promise.all([
      ourOutcome(workspace.root, scenario.tasks),
      turboOutcome(workspace.root, scenario.tasks),
    ]);
    return { ours, theirs };
  } finally {
    workspace.remove();
  }
}

async function ourOutcome(root: string, tasks: readonly string[]): Promise<string> {
  try {
    const plan = await ourPlan(root, tasks);
    return outcomeOf(plan.tasks.map(({ id, needs }) => [id, needs]));
  } catch {
    return "refused";
  }
}

interface DryRun {
  readonly tasks: readonly { readonly taskId: string; readonly dependencies: readonly string[] }[];
}

async function turboOutcome(root: string, tasks: readonly string[]): Promise<string> {
  const { exitCode, stdout } = await runPeer("turbo", ["run", ...tasks, "--dry=json"], root);
  if (exitCode !== 0) return "refused";
  const { tasks: planned } = JSON.parse(stdout) as DryRun;
  return outcomeOf(planned.map(({ taskId, dependencies }) => [taskId, dependencies]));
}

function outcomeOf(tasks: readonly (readonly [string, readonly string[]])[]): string {
  const lines = tasks.map(([id, needs]) => `${id} <- ${[...new Set(needs)].toSorted().join(" ")}`);
  return lines.toSorted().join("; ");
}
