/**
 * Every tenth request fails: answered with 503, cut off before it was carried out, or after. How often each publisher
 * has to be started by hand until the whole batch is up, and what of it is tagged then.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultRegistry, type FaultSpec } from "../../packages/testkit/src/index.ts";
import { publish, publishers, type Publisher } from "../publishers/publishers.ts";
import { sealWorkspace } from "../publishers/seal.ts";
import { plantEarlier, standingOf, type Standing } from "../publishers/standing.ts";
import { makeWorkspace } from "../publishers/workspace.ts";
import { knownSoFar } from "./release/known-so-far.ts";

const period = 10;
const runsMax = 15;
const width = 7;
const version = "1.1.0";

const faults: Readonly<Record<string, FaultSpec>> = {
  "answered with 503": { reply: 503 },
  dropped: { reply: "reset" },
  "dropped after it was stored": { reply: "reset", committed: true },
};

interface Ended {
  readonly runs: number;
  readonly exit: number | null;
  readonly standing: Standing;
  readonly output: string;
}

interface Options {
  readonly full: boolean;
  /** A folder for what is known so far, so that it can be shown in parts. */
  readonly parts?: string;
  readonly log: (line: string) => void;
}

export async function prove(options: Options) {
  const known = knownSoFar("publish-under-faults", options.parts);
  const folder = mkdtempSync(join(tmpdir(), "slipway-faults-"));
  const packages = options.full ? 100 : 6;
  const figures: Record<string, string | number> = {};
  let failed = 0;
  try {
    for (const publisher of options.full ? publishers() : publishers().slice(0, 1)) {
      const skipped = skippedBecause(publisher);
      if (skipped !== null) figures[publisher.name] = skipped;
      for (const [fault, spec] of skipped === null
        ? Object.entries(faults).slice(options.full ? 0 : -1)
        : []) {
        const key = `${publisher.name}, ${fault}`;
        const before = known.said(key);
        if (before !== null) {
          figures[key] = before;
          continue;
        }
        const ended = await published(publisher, { folder: join(folder, "one"), packages, spec });
        const said = inWords(ended, packages);
        figures[key] = said;
        options.log(`${key}: ${said}`);
        if (publisher.name === "slipway" && (ended.runs > 1 || !isWhole(ended, packages))) {
          failed++;
          options.log(ended.output.slice(-2000));
        } else known.keep(key, said);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    name: "publish-under-faults",
    summary:
      `${packages} packages, each with a version that \`latest\` shows before; every ${period}th request fails. The same ` +
      `command is started again until all are up and \`latest\`, until it gets no further, or ${runsMax} times.`,
    figures,
    failed,
  };
}

function skippedBecause({ name, missing }: Publisher): string | null {
  if (missing !== null) return `not run: ${missing}`;
  // Older generations of what is there, and one whose single run takes minutes.
  if (/^(nx|changesets 2)/.test(name)) return "not run here";
  return null;
}

interface Trial {
  readonly folder: string;
  readonly packages: number;
  readonly spec: FaultSpec;
}

async function published(publisher: Publisher, { folder, packages, spec }: Trial): Promise<Ended> {
  const registry = new FaultRegistry();
  const listening = await registry.listen();
  try {
    const workspace = makeWorkspace({
      folder,
      count: packages,
      url: listening.url,
      width,
      manager: publisher.manager,
    });
    const { names, clone } = workspace;
    plantEarlier(registry, names);
    const sealed = join(folder, "sealed");
    if (publisher.name === "slipway") await sealWorkspace(workspace, sealed);
    const args = publisher.name === "slipway" ? ["release", "--from", sealed, "--yes"] : publisher.args;
    registry.failEvery("*", period, spec);
    let before = -1;
    for (let runs = 1; ; runs++) {
      const { exit, output } = await publish({ ...publisher, args }, workspace);
      const standing = standingOf(registry, clone, { names, version });
      const isStuck = standing.uploaded === before && runs > 2;
      if (standing.visible === packages || isStuck || runs === runsMax)
        return { runs, exit, standing, output };
      before = standing.uploaded;
    }
  } finally {
    await listening.close();
  }
}

function isWhole({ exit, standing }: Ended, packages: number): boolean {
  return (
    exit === 0 && [standing.uploaded, standing.visible, standing.tagged].every((each) => each === packages)
  );
}

function inWords({ runs, exit, standing }: Ended, packages: number): string {
  const { uploaded, visible, tagged, isDirty } = standing;
  const whole = visible === packages ? `${runs} run${runs === 1 ? "" : "s"}` : `not in ${runs} runs`;
  return `${whole}: ${uploaded} up, ${visible} latest, ${tagged} git tags, last exit ${exit}${isDirty ? ", a dirty tree" : ""}`;
}
