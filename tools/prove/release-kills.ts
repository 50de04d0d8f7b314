/**
 * Real processes are killed with SIGKILL in the middle of a real release to a registry on a socket, and the same command
 * is run again until it ends. Every third round loses the journal with its machine. Nothing may be lost, doubled, or
 * half visible.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { FaultRegistry } from "../../packages/testkit/src/index.ts";
import { mulberry32 } from "./release/schedule.ts";
import {
  faultsAtEnd,
  freshClone,
  makeBatch,
  plantOld,
  visibleHalf,
  type ProvedBatch,
} from "./release/sealed-batch.ts";

const packages = 6;
const killsARound = 5;
const runTimeoutMs = 120_000;
const program = join(import.meta.dirname, "../../packages/cli/src/main.ts");

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const random = mulberry32(options.seed);
  const wanted = options.full ? 500 : 4;
  const folder = mkdtempSync(join(tmpdir(), "slipway-kills-"));
  const found: string[] = [];
  let kills = 0;
  let rounds = 0;
  try {
    const port = await freePort();
    const batch = await makeBatch(folder, { count: packages, url: `http://127.0.0.1:${port}/` });
    while (kills < wanted) {
      const round = await playRound({ batch, port, folder, random, losesJournal: rounds % 3 === 2 });
      kills += round.kills;
      rounds++;
      found.push(...round.faults.map((fault) => `round ${rounds}: ${fault}`));
      if (rounds % 10 === 0) options.log(`${kills} kills in ${rounds} releases, ${found.length} faults`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const fault of found.slice(0, 20)) options.log(fault);
  return {
    name: "release-kills",
    summary: `${kills} kills in ${rounds} releases of ${packages} packages: ${found.length} faults`,
    figures: { "packages a release": packages, releases: rounds, kills, faults: found.length },
    failed: found.length,
  };
}

interface Round {
  readonly batch: ProvedBatch;
  readonly port: number;
  readonly folder: string;
  readonly random: () => number;
  readonly losesJournal: boolean;
}

async function playRound(
  round: Round,
): Promise<{ readonly kills: number; readonly faults: readonly string[] }> {
  const { batch, port, random } = round;
  const registry = new FaultRegistry();
  plantOld(registry, batch);
  const listening = await registry.listen(port);
  const clone = freshClone(batch, join(round.folder, "trial"));
  const faults: string[] = [];
  let kills = 0;
  try {
    for (let run = 1; run <= killsARound + 2; run++) {
      const child = start(clone, batch.sealed);
      const ended = exitOf(child);
      if (kills < killsARound) await killSometime(child, ended, { registry, random });
      const exit = await ended;
      faults.push(...visibleHalf(registry, batch));
      if (exit === 0) break;
      if (exit !== null) faults.push(`it ended with status ${exit}`);
      kills++;
      if (round.losesJournal && run === 2)
        rmSync(join(clone, ".git/slipway"), { recursive: true, force: true });
    }
    faults.push(...faultsAtEnd(registry, batch, { clone }));
    return { kills, faults };
  } finally {
    await listening.close();
  }
}

function start(clone: string, sealed: string): ChildProcess {
  const args = ["--conditions=source", "--disable-warning=ExperimentalWarning", program];
  return spawn(process.execPath, [...args, "release", "--from", sealed, "--yes", "--json"], {
    cwd: clone,
    stdio: "ignore",
  });
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), runTimeoutMs);
    child.once("exit", (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

/** After a random number of requests and a random moment: anywhere from the first look to the last tag. */
async function killSometime(
  child: ChildProcess,
  ended: Promise<unknown>,
  { registry, random }: { readonly registry: FaultRegistry; readonly random: () => number },
): Promise<void> {
  const requests = registry.seen.length + Math.floor(random() * packages * 8);
  const lateMs = random() * 60;
  const state = { isOver: false };
  void ended.then(() => (state.isOver = true));
  const idleSince = { count: registry.seen.length, atMs: performance.now() };
  while (!state.isOver && registry.seen.length < requests) {
    if (registry.seen.length !== idleSince.count) {
      Object.assign(idleSince, { count: registry.seen.length, atMs: performance.now() });
    }
    // No more requests come: it is writing tags, or about to end.
    if (idleSince.count > 0 && performance.now() - idleSince.atMs > 400) break;
    await pause(1);
  }
  await pause(lateMs);
  if (!state.isOver) child.kill("SIGKILL");
}

async function freePort(): Promise<number> {
  const listening = await new FaultRegistry().listen();
  await listening.close();
  return Number(new URL(listening.url).port);
}
