/**
 * Random workspaces in git repositories, versioned by Slipway and by the installed `changeset version` of 2.31.1 and
 * 3.0.3, changelogs with commits included: every file must end up with the same bytes.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { UserError } from "@slipway/kernel";
import fc from "fast-check";
import { planAndApplyVersions } from "../../packages/cli/src/journeys/version.ts";
import { onDemand } from "../on-demand.ts";
import { assertSame, filesOf, isBroken, layOut, losesDependencies } from "./version-plans/files.ts";
import { scenarioArbitrary, type Scenario } from "./version-plans/scenario.ts";

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const figures: Record<string, number | string> = {};
  const summary =
    "Random git repositories versioned by Slipway and by the command lines of Changesets 2.31.1 and 3.0.3.";
  const installed = onDemand("changesets");
  if ("missing" in installed) {
    options.log(installed.missing);
    return { name: "version-cli", summary, figures: { compared: installed.missing }, failed: 1 };
  }
  let failed = 0;
  for (const generation of [2, 3] as const) {
    const cli = join(installed.folder, `changesets-${generation}`, "bin.js");
    const counts = { runs: 0, refused: 0 };
    const property = fc.asyncProperty(scenarioArbitrary(generation, true), async (scenario) => {
      await compare(scenario, cli, counts);
    });
    const result = await fc.check(property, {
      seed: options.seed,
      numRuns: options.full ? 40 : 3,
      endOnFailure: true,
    });
    if (result.failed) {
      failed++;
      options.log(`${fc.defaultReportMessage(result)}\n${String(result.errorInstance)}`);
    }
    figures[`runs compared, generation ${generation}`] = counts.runs - counts.refused;
    figures[`refused by changeset version, generation ${generation}`] = counts.refused;
  }
  return { name: "version-cli", summary, figures, failed };
}

async function compare(
  { generation, files, rounds }: Scenario,
  cli: string,
  counts: { runs: number; refused: number },
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "slipway-cli-"));
  const [theirs, ours] = [join(home, "theirs"), join(home, "ours")];
  try {
    layOut(theirs, files);
    // Both find the prettier that this major of Changesets brings.
    mkdirSync(join(theirs, "node_modules"));
    symlinkSync(join(dirname(dirname(cli)), "prettier"), join(theirs, "node_modules/prettier"));
    git(theirs, "init", "-q", "-b", "main");
    commit(theirs);
    for (const round of rounds) {
      layOut(theirs, round.files);
      commit(theirs);
      rmSync(ours, { recursive: true, force: true });
      cpSync(theirs, ours, { recursive: true });
      counts.runs++;
      const snapshot =
        round.snapshot === null ? [] : ["--snapshot", ...(round.snapshot.tag ? [round.snapshot.tag] : [])];
      const own = await versionOurs(ours, { generation, snapshot: round.snapshot });
      if (
        !succeeds(() =>
          execFileSync(process.execPath, [cli, "version", ...snapshot], { cwd: theirs, stdio: "pipe" }),
        )
      ) {
        counts.refused++;
        return;
      }
      if (own !== null) throw own;
      const wanted = filesOf(theirs);
      const got = filesOf(ours);
      if (isBroken(wanted) || (generation === 2 && losesDependencies(wanted, got))) return;
      assertSame(wanted, got);
      commit(theirs);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function versionOurs(
  dir: string,
  { generation, snapshot }: Pick<Scenario, "generation"> & Pick<Scenario["rounds"][number], "snapshot">,
): Promise<UserError | null> {
  try {
    const chosen = { generation, catalogEdges: false, ...(snapshot ? { snapshot } : {}) };
    await planAndApplyVersions(dir, { env: process.env, nowMs: 0, ...chosen });
    return null;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

function commit(dir: string): void {
  git(dir, "add", "-A");
  git(
    dir,
    "-c",
    "user.name=p",
    "-c",
    "user.email=p@localhost",
    "commit",
    "-q",
    "--allow-empty",
    "-m",
    "round",
  );
}

function git(dir: string, ...args: readonly string[]): void {
  execFileSync("git", ["-c", "core.hooksPath=/dev/null", "-c", "commit.gpgsign=false", ...args], {
    cwd: dir,
    stdio: "pipe",
  });
}
