/**
 * A workspace with thousands of outputs, in which a second thread helps to put back what is gone. Round by round outputs
 * vanish or are overwritten, sources change, stored entries are damaged, runs are killed, interrupted or two at once; after
 * each round every output is what its source says. Runs after it find all of them in place, once what tasks made over somebody
 * else's files has been made again and stored.
 */
import { mulberry32 } from "../mulberry32.ts";
import type { Proof } from "../prove.ts";
import { outputsOfPackage, Place } from "./large-restore/place.ts";
import { inParts, type Part, type PartsOptions } from "./parts/in-parts.ts";

const sources = [
  "tools/prove/large-restore",
  ...["cli", "host", "run"].map((room) => `packages/${room}/src`),
];

const partCount = 4;
const runsMax = 4;
const full = { rounds: 60, packageCount: 300 };
const slice = { rounds: 3, packageCount: 30 };

export function prove(options: PartsOptions): Promise<Proof> {
  const claim = {
    name: "large-restore",
    summary: "However much is gone, damaged or cut off, what a run puts back is what a build makes.",
    partCount,
    sources,
  };
  return inParts(claim, options, (at) => shown(options.seed + at, options));
}

async function shown(seed: number, options: PartsOptions): Promise<Part> {
  const { rounds, packageCount } = options.full ? full : slice;
  const place = new Place(packageCount);
  const chance = mulberry32(seed);
  const figures = {
    rounds: 0,
    "outputs removed or overwritten": 0,
    "sources edited": 0,
    "stored entries damaged": 0,
    "runs killed": 0,
    "runs interrupted": 0,
    "two runs at once": 0,
    "tasks put back": 0,
    "tasks run again": 0,
    "outputs compared": 0,
    "runs after it until all was in place": 0,
  };
  let failed = 0;
  try {
    await place.run();
    const usual = await place.run();
    for (; figures.rounds < rounds; figures.rounds++) {
      figures["outputs removed or overwritten"] += place.harmOutputs(chance);
      if (chance() < 0.3) figures["sources edited"] += place.editSources(chance);
      if (chance() < 0.4) figures["stored entries damaged"] += place.harmStore(chance);
      const cut = chance();
      const afterMs = chance() * usual.tookMs * 6;
      if (cut < 0.2 && (await place.run({ signal: "SIGKILL", afterMs })).exit === null)
        figures["runs killed"]++;
      if (cut > 0.2 && cut < 0.3 && (await place.run({ signal: "SIGINT", afterMs })).exit === 130)
        figures["runs interrupted"]++;
      const isTwice = cut > 0.85 || figures.rounds === 0;
      if (isTwice) figures["two runs at once"]++;
      const [ran, other] = await Promise.all([place.run(), isTwice ? place.run() : null]);
      figures["tasks put back"] += ran.putBack;
      figures["tasks run again"] += ran.missed;
      const until = await runsUntilInPlace(place, packageCount);
      figures["runs after it until all was in place"] += until;
      const problem =
        place.difference([ran, other]) ?? (until > runsMax ? "nothing comes to rest in its place" : null);
      figures["outputs compared"] += packageCount * outputsOfPackage;
      if (problem === null) continue;
      failed++;
      options.log(`round ${figures.rounds} of seed ${seed}: ${problem}`);
    }
  } finally {
    place.dispose();
  }
  return { figures, failed };
}

async function runsUntilInPlace(place: Place, count: number): Promise<number> {
  let runs = 1;
  while (runs <= runsMax && (await place.run()).inPlace !== count) runs++;
  return runs;
}
