import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readSealedFolder } from "../../../packages/cli/src/journeys/release/sealed-folder.ts";
import { openJournalFile, openReleaseTags } from "../../../packages/host/src/index.ts";
import { integrityOf } from "../../../packages/kernel/src/index.ts";
import { networkTransport, registryClient, stagingClient } from "../../../packages/registry/src/index.ts";
import {
  executeRelease,
  type RegistryPort,
  type ReleaseResult,
} from "../../../packages/release/src/index.ts";
import { FaultRegistry } from "../../../packages/testkit/src/index.ts";
import { replanned, type Replanned } from "./replan.ts";
import { faultsAtEnd, freshClone, makeBatch, plantOld, type ProvedBatch } from "./sealed-batch.ts";

const packages = 4;

/** How a push that was carried out ends for whoever pushed. */
export const pushShapes = ["cut", "late and cut", "another exit status"] as const;

export interface Trial {
  readonly folder: string;
  readonly mode: "tag" | "stage";
  readonly arrange?: (registry: FaultRegistry) => void;
  readonly push?: (typeof pushShapes)[number];
  /** The first machine is gone as soon as the answer is lost, and its journal and its sealed folder with it. */
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
    if (trial.push) loseNextPush(folder, trial.push);
    trial.arrange?.(registry);
    const client = portOf(listening.url);
    let ended = await released(await readSealedFolder(batch.sealed), {
      clone,
      client,
      stops: () => hasLost(trial, registry),
    });
    if (trial.push && !existsSync(join(folder, "lost"))) return ["no push was lost"];
    if (!trial.push && !registry.seen.some(({ faulty }) => faulty)) return ["no answer was lost"];
    if (trial.losesMachine === true)
      ended = await elsewhere(batch, { folder, client, clone, url: listening.url });
    const said = ended.failures.map(({ name, message }) => `${name}: ${message}`).join("; ");
    return [
      ...(ended.state === "finished" ? [] : [`it ended ${ended.state}: ${said}`]),
      ...faultsAtEnd(registry, batch, { clone, sameBytes: trial.losesMachine !== true }),
    ];
  } finally {
    await listening.close();
  }
}

function hasLost({ losesMachine }: Trial, { seen }: FaultRegistry): boolean {
  return losesMachine === true && seen.some(({ faulty }) => faulty);
}

async function elsewhere(
  batch: ProvedBatch,
  {
    folder,
    client,
    clone,
    url,
  }: { readonly folder: string; readonly client: RegistryPort; readonly clone: string; readonly url: string },
): Promise<ReleaseResult> {
  rmSync(join(clone, ".git/slipway"), { recursive: true, force: true });
  const there = await replanned(batch, {
    registry: client,
    url,
    folder: join(folder, "elsewhere"),
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

/** The remote moves its refs and ends before it says so: the first time only. */
function loseNextPush(folder: string, shape: (typeof pushShapes)[number]): void {
  const marker = join(folder, "lost");
  const hook = join(folder, "trial/origin.git/hooks/post-receive");
  const end = {
    cut: "kill -9 $PPID",
    "late and cut": "sleep 1; kill -9 $PPID",
    "another exit status": "kill -TERM $PPID",
  }[shape];
  mkdirSync(join(hook, ".."), { recursive: true });
  writeFileSync(hook, `#!/bin/sh\n[ -e '${marker}' ] && exit 0\ntouch '${marker}'\n${end}\n`);
  chmodSync(hook, 0o755);
}
