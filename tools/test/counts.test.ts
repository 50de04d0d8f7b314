import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  type Stats,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateWorkspace } from "../bench/generate.ts";

const root = join(import.meta.dirname, "../..");
const base = mkdtempSync(join(tmpdir(), "slipway-counts-"));
const dir = join(base, "workspace");
const packageCount = 20;
const sources = 12 * packageCount;
const outputs = 10 * packageCount;

interface Counts {
  readonly stats: number;
  readonly opens: number;
  readonly lists: number;
  readonly bytesRead: number;
  readonly bytesHashed: number;
  readonly bytesWritten: number;
  readonly spawns: number;
  readonly modules: number;
  /** Parts of Node that take long to load. */
  readonly heavy: readonly string[];
}

/** Slipway as it is built, in a process of its own: what it asks of the system is the same on every machine, under any load. */
function counted(...words: readonly string[]): Counts {
  const file = join(base, "counts.json");
  const program = join(root, "packages/cli/bin/slipway.cjs");
  const hook = join(import.meta.dirname, "counts/count-calls.mjs");
  const { PATH = "" } = process.env;
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", hook, program, ...(words.length > 0 ? words : ["run", "build"])],
    {
      cwd: dir,
      env: { PATH, HOME: base, XDG_CACHE_HOME: join(base, "cache"), COUNTS_FILE: file },
      encoding: "utf8",
    },
  );
  expect(status, stderr).toBe(0);
  return JSON.parse(readFileSync(file, "utf8")) as Counts;
}

function removeOutputs(): void {
  for (const name of readdirSync(join(dir, "packages")))
    rmSync(join(dir, "packages", name, "dist"), { recursive: true });
}

/** What is kept for the next run and of what the tasks left, each file with what shows that it was written again. */
function stateFiles(): Map<string, Stats> {
  const home = join(dir, ".git/slipway");
  const names = readdirSync(home, { recursive: true, encoding: "utf8" });
  const kept = names.filter((name) => /^hot\/|\/records/.test(name));
  return new Map(kept.map((name) => [name, statSync(join(home, name))]));
}

function bytesOf(files: ReadonlyMap<string, Stats>, which: RegExp): number {
  return [...files].reduce((sum, [name, { size }]) => (which.test(name) ? sum + size : sum), 0);
}

beforeAll(() => {
  generateWorkspace({ dir, packageCount, seed: 1 });
  counted();
}, 60_000);

afterAll(() => rmSync(base, { recursive: true, force: true }));

test("a run that has nothing to do looks once at each file, opens one state and starts nothing", () => {
  const counts = counted();
  // Each source, each output, two directories a package, and some forty files that decide what the tasks are.
  expect(counts.stats).toBeLessThan(sources + outputs + 3 * packageCount + 60);
  expect(counts.spawns).toBe(0);
  expect(counts.lists).toBe(0);
  expect(counts.opens).toBeLessThan(7);
  expect(counts.bytesWritten).toBe(0);
  // The start script, which reads what it starts by itself.
  expect(counts.modules).toBe(1);
  expect(counts.heavy).toEqual([]);
});

test("a changed leaf costs a look at the rest and work for itself alone", () => {
  const last = readdirSync(join(dir, "packages")).toSorted().at(-1) ?? "";
  appendFileSync(join(dir, "packages", last, "src/file-0.ts"), "// changed\n");
  const before = stateFiles();
  const counts = counted();
  expect(counts.stats).toBeLessThan(sources + outputs + 12 * packageCount + 80);
  // Its own build, and nothing of git.
  expect(counts.spawns).toBe(1);
  expect(counts.opens).toBeLessThan(70);
  const after = stateFiles();
  // The kept state; of what the tasks left the index and the one record.
  const ofRecords = bytesOf(after, /records$/);
  expect(counts.bytesHashed).toBeLessThan(bytesOf(before, /^hot/) + ofRecords / 2);
  expect(bytesOf(after, /records\.since$/)).toBeLessThan((2 * ofRecords) / packageCount);
  const written = [...after].filter(([name, { ino }]) => before.get(name)?.ino !== ino);
  expect(written.map(([name]) => name.replace(/.*\//, "").replace(/^[0-9a-f]{32}/, "state"))).toEqual([
    "state.since",
    "records.since",
  ]);
  expect(counts.modules).toBeLessThan(5);
  expect(counts.heavy).toEqual([]);
});

test("what is restored is read once from the store, and no source is opened", () => {
  counted();
  removeOutputs();
  const counts = counted();
  expect(existsSync(join(dir, "packages/pkg-0003/dist/file-9.ts"))).toBe(true);
  // An entry a package and a file an output; the rest is state, keys and the last runs.
  expect(counts.opens).toBeLessThan(outputs + packageCount + 40);
  expect(counts.stats).toBeLessThan(sources + outputs + 14 * packageCount + 80);
  expect(counts.spawns).toBe(0);
  expect(counts.modules).toBeLessThan(5);
});

test("what a change reaches is asked of git in one question, and looks once at what decides the rest", () => {
  const words = ["affected", "--base", "HEAD", "--json"];
  // The first reads the workspace, the second asks git for what is untracked and where the base is.
  counted(...words);
  counted(...words);
  const counts = counted(...words);
  // Each manifest and two directories a package; the root, its files, and where git keeps its own.
  expect(counts.stats).toBeLessThan(3 * packageCount + 40);
  expect(counts.spawns).toBe(1);
  expect(counts.lists).toBe(0);
  // Three states, HEAD and its branch, packed refs, and git's answer; what is read as a whole counts twice.
  expect(counts.opens).toBeLessThan(15);
  expect(counts.bytesWritten).toBe(0);
  expect(counts.modules).toBe(1);
  expect(counts.heavy).toEqual([]);
});

test("a task that runs is told by one reading of each source and output and of its manifest", () => {
  for (const each of [join(base, "cache"), join(dir, ".git/slipway")]) rmSync(each, { recursive: true });
  removeOutputs();
  const counts = counted();
  // Where a task runs: its lock, its entry, its manifest as text, and the pipes of those that the helper starts.
  expect(counts.opens).toBeLessThan(sources + outputs + 5 * packageCount + 50);
  // Sources before and after, outputs as they were found and as they are taken, and where a task could have left its memory.
  expect(counts.stats).toBeLessThan(2 * sources + 2 * outputs + 16 * packageCount + 120);
  expect(counts.lists).toBeLessThan(6 * packageCount + 30);
});
