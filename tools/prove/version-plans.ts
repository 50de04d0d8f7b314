/**
 * Random workspaces, configurations and changesets, versioned by Slipway and by the libraries of Changesets 2.31 and
 * 3.0 themselves (read, plan, apply), round after round: every file must end up with the same bytes.
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "@slipway/kernel";
import fc from "fast-check";
import { planAndApplyVersions } from "../../packages/cli/src/journeys/version.ts";
import { changesetsOracle, type ChangesetsOracle } from "./version-plans/changesets-oracle.ts";
import { assertSame, filesOf, isBroken, layOut, losesDependencies } from "./version-plans/files.ts";
import { scenarioArbitrary, type Round, type Scenario } from "./version-plans/scenario.ts";

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const figures: Record<string, number | string> = {};
  const summary =
    "Random workspaces versioned by Slipway and by the libraries of Changesets 2.31.1 and 3.0.3: the same bytes in every file.";
  let failed = 0;
  for (const generation of [2, 3] as const) {
    const oracle = changesetsOracle(generation);
    if ("missing" in oracle) {
      options.log(oracle.missing);
      return { name: "version-plans", summary, figures: { compared: oracle.missing }, failed: 1 };
    }
    const counts: Counts = { plans: 0, refusedByChangesets: 0, plannedThen: 0, brokenByChangesets: 0 };
    const property = fc.asyncProperty(scenarioArbitrary(generation), async (scenario) => {
      await compare(scenario, oracle, counts);
    });
    const result = await fc.check(property, { seed: options.seed, numRuns: options.full ? 1100 : 15 });
    if (result.failed) {
      failed++;
      options.log(fc.defaultReportMessage(result) ?? "failed");
      options.log(String(result.errorInstance));
    }
    figures[`plans made, generation ${generation}`] = counts.plans;
    figures[`of these compared byte for byte, generation ${generation}`] =
      counts.plans - counts.refusedByChangesets - counts.brokenByChangesets;
    figures[`refused by Changesets, generation ${generation}`] = counts.refusedByChangesets;
    figures[`of these planned by Slipway, generation ${generation}`] = counts.plannedThen;
    figures[`with a range undefined, dropped or null by Changesets, generation ${generation}`] =
      counts.brokenByChangesets;
  }
  return { name: "version-plans", summary, figures, failed };
}

interface Counts {
  plans: number;
  refusedByChangesets: number;
  plannedThen: number;
  brokenByChangesets: number;
}

async function compare(scenario: Scenario, oracle: ChangesetsOracle, counts: Counts): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "slipway-plans-"));
  const theirs = join(home, "theirs");
  const ours = join(home, "ours");
  try {
    layOut(theirs, scenario.files);
    for (const round of scenario.rounds) {
      layOut(theirs, round.files);
      rmSync(ours, { recursive: true, force: true });
      cpSync(theirs, ours, { recursive: true });
      const refused = await refusal(() => oracle.version(theirs, round.snapshot));
      const own = await refusal(() => versionOurs(ours, scenario, round));
      counts.plans++;
      if (own !== null && !(own instanceof UserError)) throw own;
      if (refused !== null) {
        counts.refusedByChangesets++;
        if (own === null) counts.plannedThen++;
        return;
      }
      if (own !== null) throw own;
      const [wanted, got] = [filesOf(theirs), filesOf(ours)];
      if (isBroken(wanted) || (scenario.generation === 2 && losesDependencies(wanted, got))) {
        counts.brokenByChangesets++;
        return;
      }
      assertSame(wanted, got);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function versionOurs(dir: string, scenario: Scenario, round: Round): Promise<void> {
  const { generation } = scenario;
  const snapshot = round.snapshot === null ? {} : { snapshot: { tag: round.snapshot.tag } };
  await planAndApplyVersions(dir, { env: {}, nowMs: 0, generation, catalogEdges: false, ...snapshot });
}

async function refusal(work: () => Promise<void>): Promise<unknown> {
  try {
    await work();
    return null;
  } catch (error) {
    return error ?? new Error("refused");
  }
}
