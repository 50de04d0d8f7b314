/**
 * A batch of sixty packages whose thirty-seventh the registry refuses: what each publisher leaves behind, and what the
 * same command does once the registry takes it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultRegistry } from "../../packages/testkit/src/index.ts";
import { endOf, publish, publishersByHand, type Publisher } from "../publishers/publishers.ts";
import { sealWorkspace } from "../publishers/seal.ts";
import { inWords, lackedBy, plantEarlier, standingOf, type Standing } from "../publishers/standing.ts";
import { makeWorkspace } from "../publishers/workspace.ts";
import { knownOfPublishers } from "./release/known-so-far.ts";

const packages = 60;
const refused = 36;
const version = "1.1.0";
const name = "half-batch";
/** nx takes two processor seconds a package, and others may want the processors, too. */
const runMsMax = 900_000;

interface Story {
  readonly first: Standing;
  readonly firstEnd: string;
  readonly second: Standing;
  readonly secondEnd: string;
}

interface Options {
  readonly full: boolean;
  /** A folder for what is known so far, so that it can be shown in parts. */
  readonly parts?: string;
  log(line: string): void;
}

export async function prove(options: Options) {
  const knownOf = knownOfPublishers<Story & { readonly tookMs: number }>({
    name,
    folder: options.parts,
    sources,
  });
  const folder = mkdtempSync(join(tmpdir(), "slipway-half-"));
  const figures: Record<string, string | number> = {};
  let tookMs = 0;
  const told = async (publisher: Publisher): Promise<Story> => {
    const startedMs = performance.now();
    const known = knownOf(publisher);
    const before = known.said(publisher.name);
    const story = before ?? {
      ...(await storyOf(publisher, join(folder, "one"))),
      tookMs: performance.now() - startedMs,
    };
    known.keep(publisher.name, story);
    tookMs += story.tookMs;
    const lacks = lackedBy(story.second, packages, publisher);
    figures[`${publisher.name}, first run`] = `${story.firstEnd}: ${inWords(story.first)}`;
    figures[`${publisher.name}, second run`] = `${story.secondEnd}: ${inWords(story.second)}`;
    if (lacks.length > 0) figures[`${publisher.name}, missing then`] = lacks.join(", ");
    options.log(`${publisher.name}: ${story.firstEnd}, ${inWords(story.first)}`);
    options.log(`  again: ${story.secondEnd}, ${inWords(story.second)}`);
    return story;
  };
  try {
    const [slipway, ...others] = publishersByHand();
    if (!slipway) throw new Error("slipway is not among the publishers");
    const own = await told(slipway);
    for (const publisher of options.full ? others : []) {
      if (publisher.missing !== null) figures[publisher.name] = `not run: ${publisher.missing}`;
      else await told(publisher);
    }
    const isWhole = lackedBy(own.second, packages, { makesTags: true }).length === 0;
    const isHidden = own.first.visible === 0 && own.first.tagged === 0 && own.firstEnd === "exit 1";
    return {
      name,
      summary,
      figures,
      failed: Number(!isWhole || own.secondEnd !== "exit 0") + Number(!isHidden),
      tookMs,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const sources = ["tools/prove/half-batch.ts"];

const summary =
  `${packages} packages, each needing the two before it; the registry refuses number ${refused + 1} (403), and takes ` +
  "it in the second run. Every package has an earlier version, which `latest` shows. npm and nx have a " +
  "workspace of npm, the others one of pnpm. npm, pnpm, lerna and nx make no git tags here, so none are missing.";

/** A registry that does not take one of the packages, until it is healed. */
function strictRegistry(names: readonly string[]): FaultRegistry {
  const registry = new FaultRegistry();
  const body = JSON.stringify({ error: "Package name triggered spam detection" });
  registry.failFor(names[refused] ?? "", "PUT /:name", { reply: 403, body });
  return registry;
}

async function storyOf(publisher: Publisher, folder: string): Promise<Story> {
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
    const sealed = join(folder, "sealed");
    const isOurs = publisher.name === "slipway";
    if (isOurs) await sealWorkspace(workspace, sealed);
    const args = isOurs ? ["release", "--from", sealed, "--yes"] : publisher.args;
    const started = async (): Promise<string> =>
      endOf(await publish({ ...publisher, args }, workspace, runMsMax));
    const look = (): Standing => standingOf(registry, workspace.clone, { names, version });
    const firstEnd = await started();
    const first = look();
    registry.heal();
    const secondEnd = await started();
    return { first, firstEnd, second: look(), secondEnd };
  } finally {
    await listening.close();
  }
}
