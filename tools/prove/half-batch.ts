/**
 * A batch of sixty packages whose thirty-seventh the registry refuses: what each publisher leaves behind, and what the
 * same command does once the registry takes it.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultRegistry } from "../../packages/testkit/src/index.ts";
import { publish, publishers, type Publisher } from "../publishers/publishers.ts";
import { inWords, plantEarlier, standingOf, type Standing } from "../publishers/standing.ts";
import { makeWorkspace } from "../publishers/workspace.ts";
import { freshClone, makeBatch, plantOld } from "./release/sealed-batch.ts";

const packages = 60;
const refused = 36;
const version = "1.1.0";
const program = join(import.meta.dirname, "../../packages/cli/src/start.ts");

interface Story {
  readonly first: Standing;
  readonly firstExit: number | null;
  readonly second: Standing;
  readonly secondExit: number | null;
}

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-half-"));
  const figures: Record<string, string | number> = {};
  const told = (name: string, story: Story): void => {
    figures[`${name}, first run`] = `exit ${story.firstExit}: ${inWords(story.first)}`;
    figures[`${name}, second run`] = `exit ${story.secondExit}: ${inWords(story.second)}`;
    options.log(`${name}: exit ${story.firstExit}, ${inWords(story.first)}`);
    options.log(`  again: exit ${story.secondExit}, ${inWords(story.second)}`);
  };
  try {
    const own = await ourStory(join(folder, "slipway"));
    told("slipway", own);
    for (const publisher of options.full ? publishers() : []) {
      if (publisher.name === "slipway") continue;
      if (publisher.missing !== null) figures[publisher.name] = `not run: ${publisher.missing}`;
      else told(publisher.name, await theirStory(publisher, join(folder, "peer")));
    }
    const isWhole =
      own.second.uploaded === packages && own.second.visible === packages && own.second.tagged === packages;
    // The first package has no version before it: registries make it `latest` at once.
    const isHidden = own.first.visible <= 1 && own.first.tagged === 0 && own.firstExit === 1;
    return {
      name: "half-batch",
      summary:
        `${packages} packages, each needing the two before it; the registry refuses number ${refused + 1} (403), and takes ` +
        "it in the second run. Every package but Slipway's first has an earlier version, which `latest` shows.",
      figures,
      failed: Number(!isWhole || own.secondExit !== 0) + Number(!isHidden),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A registry that does not take one of the packages, until it is healed. */
function strictRegistry(names: readonly string[]): FaultRegistry {
  const registry = new FaultRegistry();
  const body = JSON.stringify({ error: "Package name triggered spam detection" });
  registry.failFor(names[refused] ?? "", "PUT /:name", { reply: 403, body });
  return registry;
}

async function theirStory(publisher: Publisher, folder: string): Promise<Story> {
  const names = Array.from({ length: packages }, (_, at) => `@trial/p${at}`);
  const registry = strictRegistry(names);
  plantEarlier(registry, names);
  const listening = await registry.listen();
  try {
    const workspace = makeWorkspace({
      folder,
      count: packages,
      url: listening.url,
      manager: publisher.manager,
    });
    const { exit: firstExit } = await publish(publisher, workspace);
    const first = standingOf(registry, workspace.clone, { names, version });
    registry.heal();
    const { exit: secondExit } = await publish(publisher, workspace);
    return {
      first,
      firstExit,
      second: standingOf(registry, workspace.clone, { names, version }),
      secondExit,
    };
  } finally {
    await listening.close();
  }
}

async function ourStory(folder: string): Promise<Story> {
  const names = Array.from({ length: packages }, (_, at) => `@prove/p${at}`);
  const registry = strictRegistry(names);
  const listening = await registry.listen();
  try {
    const batch = await makeBatch(folder, { count: packages, url: listening.url });
    plantOld(registry, batch);
    const clone = freshClone(batch, join(folder, "trial"));
    const firstExit = await released(clone, batch.sealed);
    const first = standingOf(registry, clone, { names, version });
    registry.heal();
    const secondExit = await released(clone, batch.sealed);
    return { first, firstExit, second: standingOf(registry, clone, { names, version }), secondExit };
  } finally {
    await listening.close();
  }
}

function released(clone: string, sealed: string): Promise<number | null> {
  const args = ["--conditions=source", "--disable-warning=ExperimentalWarning", program];
  const child = spawn(process.execPath, [...args, "release", "--from", sealed, "--yes"], {
    cwd: clone,
    stdio: "ignore",
  });
  return new Promise((resolve) => child.once("exit", resolve));
}
