/**
 * The registry does what it is asked and the answer is lost, in each shape that answers are lost in, at each step of a
 * release that changes something. Each must end in one run with the right bytes and the right tags.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFile } from "node:fs/promises";
import { openJournalFile, openReleaseTags } from "../../packages/host/src/index.ts";
import { integrityOf } from "../../packages/kernel/src/index.ts";
import { networkTransport, registryClient } from "../../packages/registry/src/index.ts";
import { executeRelease, type ReleaseResult } from "../../packages/release/src/index.ts";
import { FaultRegistry, type FaultRoute, type FaultSpec } from "../../packages/testkit/src/index.ts";
import { readSealedFolder } from "../../packages/cli/src/journeys/release/sealed-folder.ts";
import { faultsAtEnd, freshClone, makeBatch, plantOld, type ProvedBatch } from "./release/sealed-batch.ts";

const packages = 4;

const shapes: Readonly<Record<string, FaultSpec>> = {
  "status 503": { reply: 503, committed: true },
  "status 500": { reply: 500, committed: true },
  reset: { reply: "reset", committed: true },
  "no answer": { reply: "timeout", committed: true },
  "cut in the middle": { reply: "half", committed: true },
  "a page": { reply: "page", committed: true },
  "another content type": { reply: "wrong-type", committed: true },
  empty: { reply: "empty", committed: true },
  redirect: { reply: "redirect", committed: true },
};

/** What the tests play. */
const sliced = ["status 503", "reset", "a page"];

const steps: Readonly<Record<string, FaultRoute>> = {
  publish: "PUT /:name",
  "dist-tag": "PUT /-/package/:name/dist-tags/:tag",
  "batch tag": "DELETE /-/package/:name/dist-tags/:tag",
};

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-lost-"));
  const found: string[] = [];
  let cases = 0;
  try {
    for (const [step, route] of Object.entries(steps)) {
      for (const [shape, fault] of Object.entries(shapes)) {
        if (!options.full && !sliced.includes(shape)) continue;
        for (const times of options.full ? [1, 3] : [1]) {
          const faults = await played(join(folder, String(cases++)), (registry) =>
            registry.failNext(route, fault, times),
          );
          found.push(...faults.map((each) => `${step}, ${shape}, ${times} times: ${each}`));
        }
      }
    }
    const faults = await played(join(folder, "push"), () => undefined, true);
    found.push(...faults.map((each) => `tag push: ${each}`));
    cases++;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const each of found.slice(0, 20)) options.log(each);
  return {
    name: "lost-replies",
    summary: `${cases} releases in which an answer was lost after the act: ${found.length} faults`,
    figures: {
      shapes: Object.keys(shapes).length,
      steps: Object.keys(steps).length + 1,
      releases: cases,
      faults: found.length,
    },
    failed: found.length,
  };
}

async function played(
  folder: string,
  arrange: (registry: FaultRegistry) => void,
  losesPush = false,
): Promise<readonly string[]> {
  const registry = new FaultRegistry();
  const listening = await registry.listen();
  try {
    const batch = await makeBatch(folder, packages, listening.url);
    plantOld(registry, batch);
    const clone = freshClone(batch, join(folder, "trial"));
    if (losesPush) loseNextPush(folder);
    arrange(registry);
    const { state, failures } = await released(batch, clone, listening.url);
    if (losesPush && !existsSync(join(folder, "lost"))) return ["no push was lost"];
    const said = failures.map(({ name, message }) => `${name}: ${message}`).join("; ");
    return [
      ...(state === "finished" ? [] : [`it ended ${state}: ${said}`]),
      ...faultsAtEnd(registry, batch, clone),
    ];
  } finally {
    await listening.close();
  }
}

async function released(batch: ProvedBatch, clone: string, url: string): Promise<ReleaseResult> {
  const target = { url, auth: null };
  const client = registryClient(target, {
    transport: networkTransport({}),
    idleTimeoutMs: 200,
    totalTimeoutMs: 400,
  });
  const journal = await openJournalFile(join(clone, ".git/slipway/journal.jsonl"));
  try {
    return await executeRelease(
      {
        ...(await readSealedFolder(batch.sealed)),
        pacing: { firstWaitMs: 5, longestWaitMs: 20 },
        limits: { pollMs: 5 },
      },
      {
        registry: () => client,
        read: ({ path }) => readFile(path),
        journal,
        git: await openReleaseTags(clone, process.env),
        clock: {
          nowMs: () => performance.now(),
          sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
        },
        random: () => 0.5,
        integrityOf,
        onEvent: () => undefined,
        stopped: () => false,
      },
    );
  } finally {
    await journal.close();
  }
}

/** The remote moves its refs and dies before it says so: the first time only. */
function loseNextPush(folder: string): void {
  const marker = join(folder, "lost");
  const hook = join(folder, "trial/origin.git/hooks/post-receive");
  mkdirSync(join(hook, ".."), { recursive: true });
  writeFileSync(hook, `#!/bin/sh\n[ -e '${marker}' ] && exit 0\ntouch '${marker}'\nkill -9 $PPID\n`);
  chmodSync(hook, 0o755);
}
