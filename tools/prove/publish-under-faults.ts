/**
 * Every tenth request fails: answered with 503, cut off before it was carried out, or after. How often each publisher
 * has to be started by hand until the whole batch is up, and what of it is missing then.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultRegistry, type FaultSpec } from "../../packages/testkit/src/index.ts";
import {
  endOf,
  publish,
  publishersByHand,
  type Published,
  type Publisher,
} from "../publishers/publishers.ts";
import { sealWorkspace } from "../publishers/seal.ts";
import { inWords, lackedBy, plantEarlier, standingOf, type Standing } from "../publishers/standing.ts";
import { complaintOf } from "../publishers/words.ts";
import { makeWorkspace } from "../publishers/workspace.ts";
import type { Table } from "../prove.ts";
import { knownOfPublishers } from "./release/known-so-far.ts";

const name = "publish-under-faults";
const period = 10;
const runsMax = 20;
/** So many runs without another package, and nobody tries again. */
const idleRunsMax = 3;
const runMsMax = 240_000;
const partMsMax = 8 * 60_000;
const width = 7;
const version = "1.1.0";

const faults: Readonly<Record<string, FaultSpec>> = {
  "answered with 503": { reply: 503 },
  dropped: { reply: "reset" },
  "dropped after it was carried out": { reply: "reset", committed: true },
};

interface Ended {
  readonly runs: number;
  readonly end: string;
  readonly exit: number | null;
  readonly complaint: string | null;
  readonly standing: Standing;
  /** What no further run brings. */
  readonly lacks: readonly string[];
  readonly output: string;
  readonly tookMs: number;
}

interface Options {
  readonly full: boolean;
  /** A folder for what is known so far, so that it can be shown in parts. */
  readonly parts?: string;
  readonly log: (line: string) => void;
}

export async function prove(options: Options) {
  const knownOf = knownOfPublishers<Ended>({ name, folder: options.parts, sources });
  const folder = mkdtempSync(join(tmpdir(), "slipway-faults-"));
  const startedMs = performance.now();
  const rows: string[][] = [];
  const figures: Record<string, string | number> = {};
  let [failed, tookMs] = [0, 0];
  try {
    for (const publisher of options.full ? publishersByHand() : publishersByHand().slice(0, 1)) {
      if (publisher.missing !== null) figures[publisher.name] = `not run: ${publisher.missing}`;
      const packages = options.full ? countFor(publisher) : 6;
      for (const [fault, spec] of publisher.missing === null
        ? Object.entries(faults).slice(options.full ? 0 : -1)
        : []) {
        const key = `${publisher.name}, ${fault}`;
        const before = knownOf(publisher).said(key);
        if (!before && options.parts !== undefined && performance.now() - startedMs > partMsMax)
          return { name, skipped: `${rows.length} cases so far; the same command goes on` };
        const ended = before ?? (await published(publisher, { folder: join(folder, "one"), packages, spec }));
        tookMs += ended.tookMs;
        figures[key] = runsOf(ended, packages);
        rows.push(rowOf(publisher.name, { fault, packages, ended }));
        options.log(rows.at(-1)?.join(" | ") ?? "");
        if (publisher.name === "slipway" && (ended.runs > 1 || !isWhole(ended))) {
          failed++;
          options.log(ended.output.slice(-2000));
        } else knownOf(publisher).keep(key, { ...ended, output: "" });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { name, summary, figures, failed, tookMs, ...(options.full ? { tables: [tableOf(rows)] } : {}) };
}

const sources = ["tools/prove/publish-under-faults.ts"];

const summary =
  `A batch of packages in layers of ${width}, each needing two of the layer before; each has a version that \`latest\` shows ` +
  `before. Every ${period}th request to the registry fails, whoever sends it. The same command is started again until all is ` +
  `up and \`latest\`, until ${idleRunsMax} runs have brought nothing more, or ${runsMax} times.`;

/** nx takes two processor seconds a package and run. */
function countFor({ name: publisher }: Publisher): number {
  return publisher.startsWith("nx") ? 20 : 100;
}

interface Trial {
  readonly folder: string;
  readonly packages: number;
  readonly spec: FaultSpec;
}

async function published(publisher: Publisher, { folder, packages, spec }: Trial): Promise<Ended> {
  const startedMs = performance.now();
  const registry = new FaultRegistry();
  const listening = await registry.listen();
  try {
    const { manager } = publisher;
    const workspace = makeWorkspace({ folder, count: packages, url: listening.url, width, manager });
    const { names, clone } = workspace;
    plantEarlier(registry, names);
    const sealed = join(folder, "sealed");
    if (publisher.name === "slipway") await sealWorkspace(workspace, sealed);
    const args = publisher.name === "slipway" ? ["release", "--from", sealed, "--yes"] : publisher.args;
    const started = (): Promise<Published> => publish({ ...publisher, args }, workspace, runMsMax);
    const look = (): Standing => standingOf(registry, clone, { names, version });
    registry.failEvery("*", period, spec);
    let [before, idle] = [-1, 0];
    for (let runs = 1; ; runs++) {
      const run = await started();
      let standing = look();
      idle = standing.uploaded === before ? idle + 1 : 0;
      before = standing.uploaded;
      if (standing.visible < packages && idle < idleRunsMax && runs < runsMax) continue;
      // What is missing of a batch that is up may come with the next run, without faults.
      if (lackedBy(standing, packages, publisher).length > 0) {
        registry.heal();
        await started();
        standing = look();
      }
      return {
        runs,
        end: endOf(run),
        exit: run.exit,
        complaint: run.exit === 0 ? null : complaintOf(run.output),
        standing,
        lacks: lackedBy(standing, packages, publisher),
        output: run.output,
        tookMs: performance.now() - startedMs,
      };
    }
  } finally {
    await listening.close();
  }
}

function isWhole({ exit, lacks }: Ended): boolean {
  return exit === 0 && lacks.length === 0;
}

function runsOf({ runs, lacks, standing }: Ended, packages: number): string {
  const isUp = standing.visible === packages;
  const inRuns = `${isUp ? "" : "not "}in ${runs} run${runs === 1 ? "" : "s"}`;
  return `${packages} packages ${inRuns}, ${lacks.length === 0 ? "nothing missing" : `missing: ${lacks.join(", ")}`}`;
}

function rowOf(
  publisher: string,
  { fault, packages, ended }: { readonly fault: string; readonly packages: number; readonly ended: Ended },
): string[] {
  const { runs, end, complaint, standing, lacks } = ended;
  return [
    publisher,
    fault,
    String(packages),
    String(runs),
    complaint === null ? end : `${end}; "${complaint}"`,
    inWords(standing),
    lacks.length === 0 ? "nothing" : lacks.join(", "),
  ];
}

function tableOf(rows: readonly (readonly string[])[]): Table {
  return {
    title: "By publisher and fault",
    words:
      "What is missing was looked for after one more run without faults. npm, pnpm, lerna and nx make no git tags here, so " +
      "none are missing.",
    head: [
      "publisher",
      "every 10th request is",
      "packages",
      "runs",
      "the last ended",
      "then there is",
      "missing",
    ],
    rows,
  };
}
