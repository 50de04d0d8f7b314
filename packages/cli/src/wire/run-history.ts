import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RecordedRun } from "../report/run/recorded-run.ts";

const RUNS_KEPT_MAX = 20;

/** The last runs of a work tree, newest last, in a folder of their own. Keeping them never fails a run. */
export function keepRun(stateDir: string, run: RecordedRun): void {
  const folder = join(stateDir, "runs");
  try {
    mkdirSync(folder, { recursive: true });
    const name = `${String(run.startedAt).padStart(15, "0")}-${process.pid}.json`;
    const temporary = join(folder, `.${name}`);
    writeFileSync(temporary, JSON.stringify(run));
    renameSync(temporary, join(folder, name));
    for (const old of namesOf(folder).slice(0, -RUNS_KEPT_MAX)) rmSync(join(folder, old), { force: true });
  } catch {
    // A full disk or a read-only checkout: the run itself was done and told.
  }
}

/** Null when no run was kept here, or none that can be read. */
export function lastRun(stateDir: string): RecordedRun | null {
  const folder = join(stateDir, "runs");
  for (const name of namesOf(folder).toReversed()) {
    try {
      const run = JSON.parse(readFileSync(join(folder, name), "utf8")) as RecordedRun;
      if (run.schema === 1) return run;
    } catch {
      // Cut off by a kill or a full disk: the one before it is the last.
    }
  }
  return null;
}

function namesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+-\d+\.json$/.test(name))
      .toSorted();
  } catch {
    return [];
  }
}
