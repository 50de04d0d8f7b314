/**
 * The registry does what it is asked and the answer is lost, in each shape that answers are lost in, at each step of a
 * release that changes something. Each must end in one run with the right bytes and the right tags. Again with the
 * machine lost at that very moment: another one, with a build that gives other bytes, ends it. Beside it the same
 * faults for other publishers.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultRegistry, type FaultRoute, type FaultSpec } from "../../packages/testkit/src/index.ts";
import { pushShapes } from "./release/git-server.ts";
import { knownSoFar } from "./release/known-so-far.ts";
import { peersTold } from "./release/lost-reply-peers.ts";
import { played, type Trial } from "./release/lost-reply-trial.ts";
import { releaseSources } from "./release/parts.ts";

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
const sliced = ["reset", "a page"];

const steps: Readonly<Record<string, { readonly route: FaultRoute; readonly mode: Trial["mode"] }>> = {
  publish: { route: "PUT /:name", mode: "tag" },
  "dist-tag": { route: "PUT /-/package/:name/dist-tags/:tag", mode: "tag" },
  "batch tag": { route: "DELETE /-/package/:name/dist-tags/:tag", mode: "tag" },
  stage: { route: "POST /-/stage/package/:name", mode: "stage" },
  approve: { route: "POST /-/stage/:id/approve", mode: "stage" },
};

interface Options {
  readonly full: boolean;
  /** A folder for what is known so far, so that it can be shown in parts. */
  readonly parts?: string;
  readonly log: (line: string) => void;
}

export async function prove(options: Options) {
  const known = knownSoFar<string>({
    name: "lost-replies",
    folder: options.parts,
    sources: [...releaseSources, "tools/prove/release", "packages/testkit/src"],
  });
  const folder = mkdtempSync(join(tmpdir(), "slipway-lost-"));
  const faults: string[] = [];
  const counts: Record<string, number> = {};
  const trial = async (name: string, what: string, one: Trial): Promise<void> => {
    counts[name] = (counts[name] ?? 0) + 1;
    if (known.said(`${name}, ${what}`) !== null) return;
    const found = (await played(one)).map((each) => `${name}, ${what}: ${each}`);
    faults.push(...found);
    if (found.length === 0) known.keep(`${name}, ${what}`, "well");
    rmSync(one.folder, { recursive: true, force: true });
  };
  try {
    for (const [step, { route, mode }] of Object.entries(steps)) {
      for (const [shape, fault] of Object.entries(shapes)) {
        if (!options.full && !sliced.includes(shape)) continue;
        for (const times of options.full ? [1, 3] : [1]) {
          const arrange = (registry: FaultRegistry): void => registry.failNext(route, fault, times);
          await trial(step, `${shape}, ${times} times`, { folder: join(folder, "one"), mode, arrange });
        }
        if (!options.full && shape !== "reset") continue;
        const arrange = (registry: FaultRegistry): void => registry.failNext(route, fault);
        const lost: Trial = { folder: join(folder, "one"), mode, arrange, losesMachine: true };
        await trial(`${step}, machine lost, other bytes`, shape, lost);
      }
    }
    for (const push of options.full ? pushShapes : (["reset"] as const))
      await trial("tag push", push, { folder: join(folder, "one"), mode: "tag", push });
    const figures: Record<string, string | number> = {};
    for (const [name, count] of Object.entries(counts)) {
      const failed = faults.filter((each) => each.startsWith(`${name}, `)).length;
      figures[`slipway, ${name}`] = `${count} releases, ${failed} faults`;
    }
    const beside = options.full ? await peersTold({ ...options, folder, shapes }) : null;
    Object.assign(figures, beside?.figures);
    for (const each of faults.slice(0, 20)) options.log(each);
    const releases = Object.values(counts).reduce((sum, count) => sum + count, 0);
    return {
      name: "lost-replies",
      summary: `${releases} releases in which an answer was lost after the act: ${faults.length} faults`,
      figures: { releases, faults: faults.length, ...figures },
      failed: faults.length,
      ...(beside && { tables: beside.tables }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
