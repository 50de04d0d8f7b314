/**
 * Kills a run (SIGKILL) at random times, again and again, in one work tree with one store: after each kill the store
 * verifies, and the run after it leaves what a clean build makes. Four times of five the clock of a kill starts with the
 * first task, since most of a short run is getting ready; else with the process.
 */
import { spawn } from "node:child_process";
import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { verifyStore } from "../../packages/host/src/index.ts";
import { packageNames } from "./no-stale-hit/scripts.ts";
import { SmallWorkspace } from "./no-stale-hit/small-workspace.ts";
import type { Proof } from "../prove.ts";
import { inParts, type Part, type PartsOptions } from "./parts/in-parts.ts";

const main = join(import.meta.dirname, "../../packages/cli/src/start.ts");

const partCount = 5;
const killsOfPart = 40;
const sources = ["tools/prove/no-stale-hit", ...["cli", "host", "run"].map((room) => `packages/${room}/src`)];

export function prove(options: PartsOptions): Promise<Proof> {
  const claim = {
    name: "kill-loop",
    summary: "A run that is killed at any moment leaves a whole store, and the next run is right.",
    partCount,
    sources,
  };
  return inParts(claim, options, (at) => killed({ ...options, seed: options.seed + at }));
}

async function killed(options: PartsOptions): Promise<Part> {
  const workspace = new SmallWorkspace();
  const counts = {
    kills: 0,
    "of these after the first task had started": 0,
    "runs that ended before the kill": 0,
    "entries verified": 0,
  };
  const failures: string[] = [];
  let state = options.seed >>> 0;
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296;
  try {
    await run(workspace, null);
    appendFileSync(workspace.path("packages/a/src/one.txt"), " timed");
    const usual = await run(workspace, null);
    for (let at = 0; counts.kills < (options.full ? killsOfPart : 2); at++) {
      const name = packageNames[at % packageNames.length] ?? "a";
      appendFileSync(workspace.path(`packages/${name}/src/one.txt`), ` ${at}`);
      if (at % 5 === 0) rmSync(workspace.path(`packages/${name}/dist`), { recursive: true, force: true });
      const from = at % 5 === 4 ? "process" : "task";
      const spanMs = from === "process" ? usual.wholeMs : usual.wholeMs - usual.startedAfterMs;
      const { exit, startedAfterMs } = await run(workspace, { from, afterMs: random() * spanMs * 1.1 });
      counts[exit === null ? "kills" : "runs that ended before the kill"]++;
      if (exit === null && startedAfterMs < Infinity) counts["of these after the first task had started"]++;
      const { damaged, entries } = await verifyStore(join(workspace.base, "cache/slipway/store/v1"), {
        repair: false,
      });
      counts["entries verified"] += entries;
      if (damaged.length > 0)
        failures.push(`kill ${at}: ${damaged.map(({ path }) => path).join(", ")} is damaged`);
      const after = await run(workspace, null);
      const problem = after.exit === 0 ? difference(workspace) : `the next run ended with ${after.exit}`;
      if (problem) failures.push(`kill ${at}: ${problem}`);
    }
  } finally {
    workspace.dispose();
  }
  for (const failure of failures) options.log(failure);
  return { figures: counts, failed: failures.length };
}

interface Ran {
  /** Null when it was killed. */
  readonly exit: number | null;
  readonly wholeMs: number;
  /** Infinity when no task had been started. */
  readonly startedAfterMs: number;
}

interface Kill {
  readonly from: "process" | "task";
  readonly afterMs: number;
}

function run(workspace: SmallWorkspace, kill: Kill | null): Promise<Ran> {
  return new Promise((resolve) => {
    const args = ["--conditions=source", main, "run", "build", "--concurrency=2", "--json"];
    const startMs = performance.now();
    const child = spawn(process.execPath, args, {
      cwd: workspace.root,
      env: workspace.env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    let timer: NodeJS.Timeout | null = null;
    const begin = (from: Kill["from"]): void => {
      if (kill?.from === from) timer = setTimeout(() => child.kill("SIGKILL"), kill.afterMs);
    };
    begin("process");
    let startedAfterMs = Infinity;
    let told = "";
    child.stdout.on("data", (piece: Buffer) => {
      if (startedAfterMs < Infinity) return;
      told += piece.toString("utf8");
      if (!told.includes('"type":"start"')) return;
      startedAfterMs = performance.now() - startMs;
      begin("task");
    });
    child.once("exit", (exit) => {
      if (timer) clearTimeout(timer);
      resolve({ exit, wholeMs: performance.now() - startMs, startedAfterMs });
    });
  });
}

function difference(workspace: SmallWorkspace): string | null {
  const clean = workspace.cleanBuild();
  if (!clean) return "a clean build fails";
  const ours = workspace.outputs();
  for (const path of new Set([...clean.keys(), ...ours.keys()])) {
    if (clean.get(path) !== ours.get(path)) return `${path} is not what a clean build makes`;
  }
  return null;
}
