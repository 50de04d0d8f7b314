/**
 * Real processes are killed with SIGKILL at random moments of a real release, to a real Verdaccio and to the fault
 * registry in turn, and the same command is run again until it ends. Every third round loses the journal with its
 * machine. Nothing may be lost, doubled, or half visible.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { inParts, type Shown } from "./release/in-parts.ts";
import { builtProgram } from "./release/parts.ts";
import { freePort, releaseCommand, start, type Releasing } from "./release/releasing.ts";
import { mulberry32 } from "../mulberry32.ts";
import { faultsAtEnd, freshClone, makeBatch, visibleHalf, type ProvedBatch } from "./release/sealed-batch.ts";
import { trialFaultRegistry, trialVerdaccio, type RegistryKind } from "./release/trial-registry.ts";

const packages = 6;
const killsARound = 5;

interface Options {
  readonly seed: number;
  readonly full: boolean;
  readonly parts?: string;
  readonly cases?: number;
  readonly log: (line: string) => void;
}

export async function prove({ seed, full, parts, cases, log }: Options) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-kills-"));
  try {
    const port = await freePort();
    const batch = await makeBatch(folder, { count: packages, url: `http://127.0.0.1:${port}/` });
    const play = (at: number): Promise<Shown> => {
      const random = mulberry32(seed + at);
      const kind = full && at % 2 === 1 ? "Verdaccio" : "fault registry";
      return playRound({ batch, port, folder, random, kind, losesJournal: at % 3 === 2 });
    };
    // Some rounds end before all of their kills came.
    const told = await inParts({
      name: "release-kills",
      total: full ? (cases ?? 220) : 2,
      folder: parts,
      sources: [
        ...builtProgram,
        "tools/prove/release-kills.ts",
        "tools/prove/release",
        "packages/testkit/src",
      ],
      play,
      log,
    });
    if ("skipped" in told) return told;
    const kills = Object.values(told.counts).reduce((sum, each) => sum + each, 0);
    return {
      name: "release-kills",
      summary: `${kills} kills in ${told.cases} releases of ${packages} packages: ${told.faults.length} faults`,
      figures: {
        "packages a release": packages,
        releases: told.cases,
        kills,
        ...told.counts,
        faults: told.faults.length,
      },
      failed: told.faults.length,
      tookMs: told.tookMs,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Round {
  readonly batch: ProvedBatch;
  readonly port: number;
  readonly folder: string;
  readonly random: () => number;
  readonly kind: RegistryKind;
  readonly losesJournal: boolean;
}

async function playRound({ batch, port, folder, random, kind, losesJournal }: Round): Promise<Shown> {
  const registry = await (kind === "Verdaccio"
    ? trialVerdaccio(batch, port, folder)
    : trialFaultRegistry(batch, port));
  const clone = freshClone(batch, join(folder, "trial"));
  const faults: string[] = [];
  let kills = 0;
  try {
    for (let run = 1; run <= killsARound + 2; run++) {
      const releasing = start(releaseCommand(batch.sealed), clone);
      if (kills < killsARound) await killSometime(releasing, random);
      const { exit, said } = await releasing.ended;
      faults.push(...visibleHalf(await registry.now(), batch));
      if (exit === 0) break;
      if (exit === null) kills++;
      else faults.push(`it ended with status ${exit}: ${said.slice(-500)}`);
      if (losesJournal && run === 2) rmSync(join(clone, ".git/slipway"), { recursive: true, force: true });
    }
    faults.push(...faultsAtEnd(await registry.now(), batch, { clone }));
    const named = `${kind}, ${losesJournal ? "journal lost" : "journal kept"}`;
    return { faults, counts: { [`kills, ${named}`]: kills } };
  } finally {
    await registry.close();
  }
}

/** At some line of what it tells, or soon after: from its first word to its last, however slow the machine is. */
async function killSometime({ child, ended }: Releasing, random: () => number): Promise<void> {
  const wanted = Math.floor(random() * linesOfARelease);
  let lines = 0;
  const reached = new Promise<void>((resolve) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      lines += chunk.toString("latin1").split("\n").length - 1;
      if (lines >= wanted) resolve();
    });
  });
  const state = { isOver: false };
  await Promise.race([reached, ended.then(() => (state.isOver = true))]);
  await pause(random() * lateMsMax);
  if (!state.isOver) child.kill("SIGKILL");
}

/** Three a package, and some of the whole. */
const linesOfARelease = packages * 3 + 8;
const lateMsMax = 80;
