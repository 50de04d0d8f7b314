import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readSealedFolder } from "../../../packages/cli/src/journeys/release/sealed-folder.ts";
import { noteStaged } from "../../../packages/cli/src/journeys/release/staged-here.ts";
import { openJournalFile, openReleaseTags, openStagedNotes } from "../../../packages/host/src/index.ts";
import { integrityOf } from "../../../packages/kernel/src/index.ts";
import { networkTransport, registryClient, stagingClient } from "../../../packages/registry/src/index.ts";
import {
  executeRelease,
  type RegistryPort,
  type ReleaseResult,
} from "../../../packages/release/src/index.ts";
import { FaultRegistry } from "../../../packages/testkit/src/index.ts";
import { serveGit, type PushShape } from "./git-server.ts";
import { replanned, type Replanned } from "./replan.ts";
import { faultsAtEnd, freshClone, makeBatch, plantOld, type ProvedBatch } from "./sealed-batch.ts";

const packages = 4;

export interface Trial {
  readonly folder: string;
  readonly mode: "tag" | "stage";
  readonly arrange?: (registry: FaultRegistry) => void;
  readonly push?: PushShape;
  /** The first machine is gone as soon as the answer is lost, with its journal and its sealed folder: another one builds anew. */
  readonly losesMachine?: boolean;
}

/** All that is wrong when it has ended; empty when nothing is. */
export async function played(trial: Trial): Promise<readonly string[]> {
  const { folder, mode } = trial;
  const registry = new FaultRegistry();
  const listening = await registry.listen();
  try {
    const batch = await makeBatch(folder, { count: packages, url: listening.url, mode });
    plantOld(registry, batch);
    const clone = freshClone(batch, join(folder, "trial"));
    const git = trial.push ? await serveGit(join(folder, "trial"), trial.push) : null;
    if (git) setOrigin(clone, `${git.url}origin.git`);
    trial.arrange?.(registry);
    const client = portOf(listening.url);
    const notes = openStagedNotes(clone, process.env);
    if (mode === "stage") await noteStaged({ notes }, batch.plan);
    let ended = await released(await readSealedFolder(batch.sealed), {
      clone,
      client,
      stops: () => hasLost(trial, registry),
    });
    if (git) {
      if (git.lost() === 0) return [`no push was lost: ${JSON.stringify(ended.failures)}`];
      // What looks at it now holds the server's process up.
      setOrigin(clone, join(folder, "trial/origin.git"));
      await git.close();
    } else if (!registry.seen.some(({ faulty }) => faulty)) return ["no answer was lost"];
    if (trial.losesMachine === true)
      ended = await elsewhere(batch, { trial, client, clone, url: listening.url });
    const said = ended.failures.map(({ name, message }) => `${name}: ${message}`).join("; ");
    return [
      ...(ended.state === "finished" ? [] : [`it ended ${ended.state}: ${said}`]),
      ...faultsAtEnd(registry, batch, {
        clone,
        sameBytes: trial.losesMachine !== true,
      }),
    ];
  } finally {
    await listening.close();
  }
}

function hasLost({ losesMachine }: Trial, { seen }: FaultRegistry): boolean {
  return losesMachine === true && seen.some(({ faulty }) => faulty);
}

interface Elsewhere {
  readonly trial: Trial;
  readonly client: RegistryPort;
  readonly clone: string;
  readonly url: string;
}

async function elsewhere(
  batch: ProvedBatch,
  { trial, client, clone, url }: Elsewhere,
): Promise<ReleaseResult> {
  rmSync(join(clone, ".git/slipway"), { recursive: true, force: true });
  const there = await replanned(batch, {
    registry: client,
    url,
    folder: join(trial.folder, "elsewhere"),
    mode: trial.mode,
    notes: openStagedNotes(clone, process.env),
    build: "another build",
  });
  return released(there, { clone, client, stops: () => false });
}

interface Setting {
  readonly clone: string;
  readonly client: RegistryPort;
  /** The process is gone: nothing more is begun. */
  readonly stops: () => boolean;
}

async function released(batch: Replanned, { clone, client, stops }: Setting): Promise<ReleaseResult> {
  const journal = await openJournalFile(join(clone, ".git/slipway/journal.jsonl"));
  try {
    return await executeRelease(
      { ...batch, pacing: { firstWaitMs: 5, longestWaitMs: 20 }, limits: { pollMs: 5 } },
      {
        registry: () => client,
        read: ({ path }) => readFile(path),
        journal,
        git: await openReleaseTags(clone, process.env),
        mayApprove: true,
        clock: {
          nowMs: () => performance.now(),
          sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
        },
        random: () => 0.5,
        integrityOf,
        onEvent: () => undefined,
        stopped: stops,
      },
    );
  } finally {
    await journal.close();
  }
}

function portOf(url: string): RegistryPort {
  const target = { url, auth: null };
  const options = { transport: networkTransport({}), idleTimeoutMs: 1_000, totalTimeoutMs: 2_000 };
  return { ...registryClient(target, options), staging: stagingClient(target, options) };
}

function setOrigin(clone: string, url: string): void {
  execFileSync("git", ["remote", "set-url", "origin", url], { cwd: clone });
}
