/**
 * The release is made wrong on purpose, in one way after another, and played in the simulated world: each wrong one must
 * be found by the invariants. What the simulation cannot see, it does not prove.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { mutants, type Mutant } from "./release/mutants.ts";

const root = join(import.meta.dirname, "../..");

/** Copied, so that they can be changed; all other packages are as they are. */
const copied = ["release", "plan"];

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const chosen = options.full ? mutants : mutants.filter((_, at) => at % 16 === 3);
  const schedules = options.full ? 60_000 : 3_000;
  const folder = mkdtempSync(join(tmpdir(), "slipway-mutants-"));
  const found: { readonly mutant: Mutant; readonly hunted: Hunted }[] = [];
  try {
    for (const [at, mutant] of chosen.entries()) {
      const hunted = huntIn(mutated(join(folder, String(at)), mutant), { first: options.seed, schedules });
      found.push({ mutant, hunted });
      const { after, violation } = hunted;
      options.log(`${after === null ? "NOT FOUND" : `found after ${after}`}: ${mutant.what}: ${violation}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const survivors = found.filter(({ hunted }) => hunted.after === null);
  return Promise.resolve({
    name: "release-mutants",
    summary:
      `The transaction was changed for the worse in ${found.length} ways, one at a time. ` +
      `The simulation of release-simulation found ${found.length - survivors.length} of them.`,
    figures: Object.fromEntries(
      found.map(({ mutant, hunted }) => {
        return [
          mutant.what,
          hunted.after === null ? "not found" : `schedule ${hunted.after}: ${hunted.violation}`,
        ];
      }),
    ),
    failed: survivors.length,
  });
}

const huntMsMax = 600_000;

interface Hunted {
  /** The number of schedules that were played; null when none of them showed anything. */
  readonly after: number | null;
  readonly violation: string;
}

function huntIn(
  place: string,
  { first, schedules }: { readonly first: number; readonly schedules: number },
): Hunted {
  const program = join(place, "tools/prove/release/hunt-process.ts");
  const args = [
    "--conditions=source",
    "--disable-warning=ExperimentalWarning",
    program,
    String(first),
    String(schedules),
  ];
  const options = { encoding: "utf8", timeout: huntMsMax, killSignal: "SIGKILL" } as const;
  const { stdout, stderr, status, error } = spawnSync(process.execPath, args, options);
  // Slow is not found: the simulated world itself says when something goes round in circles.
  if (error) return { after: null, violation: `the hunt did not end in time: ${error.message}` };
  if (status !== 0) throw new Error(`the hunt in ${place} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Hunted;
}

/** The rooms that the simulation plays, laid out as here, with one change. */
function mutated(place: string, { file, find, replace }: Mutant): string {
  mkdirSync(join(place, "packages"), { recursive: true });
  for (const name of readdirSync(join(root, "packages"))) {
    const from = join(root, "packages", name);
    const to = join(place, "packages", name);
    if (copied.includes(name)) copyRoom(from, to);
    else symlinkSync(from, to);
  }
  for (const path of ["mulberry32.ts", "prove/release-simulation.ts", "prove/release"])
    cpSync(join(root, "tools", path), join(place, "tools", path), { recursive: true });
  const path = join(place, "packages", file);
  const source = readFileSync(path, "utf8");
  if (source.split(find).length !== 2) throw new Error(`${file} does not have exactly once: ${find}`);
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
  return place;
}

function copyRoom(from: string, to: string): void {
  for (const path of ["package.json", "src", "test"])
    cpSync(join(from, path), join(to, path), { recursive: true });
  const modules = join(from, "node_modules");
  for (const name of readdirSync(modules).filter((each) => !each.startsWith(".") && each !== "@slipway"))
    linked(join(modules, name), join(to, "node_modules", name));
  for (const name of readdirSync(join(modules, "@slipway")))
    linked(join(dirname(to), name), join(to, "node_modules/@slipway", name));
}

function linked(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}
