/**
 * Random edits of a small repository, and after each the questions what changed and what that reaches: the answer from what
 * was kept, as far as there is one, must be the one that reading the workspace and asking git for everything gives.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Outside } from "../../packages/cli/src/command.ts";
import { lookForAffected } from "../../packages/cli/src/hot/look-for-affected.ts";
import { dispatch } from "../../packages/cli/src/dispatch.ts";
import { showAffected } from "../../packages/cli/src/journeys/show-affected.ts";
import { terminalOf } from "../../packages/cli/src/terminal.ts";
import { loadForTasks } from "../../packages/cli/src/wire/load-for-tasks.ts";
import type { Proof, ProveOptions } from "../prove.ts";
import { commit, edits, git, manifest, type Edited } from "./affected-edits/edits.ts";

const stepsOfSlice = 16;
const stepsInAll = 2000;
/** Then a new repository: a long history of edits has seen most of what it will. */
const stepsOfPlace = 100;

type Options = Pick<ProveOptions, "seed" | "full" | "cases" | "log">;

interface Counts {
  steps: number;
  answers: number;
  different: number;
}

export async function prove({ seed, full, cases, log }: Options): Promise<Proof> {
  const counts: Counts = { steps: 0, answers: 0, different: 0 };
  const wanted = full ? (cases ?? stepsInAll) : stepsOfSlice;
  for (let place = 0; counts.steps < wanted; place++) {
    await inOnePlace(
      { seed: seed + place, steps: Math.min(stepsOfPlace, wanted - counts.steps), log },
      counts,
    );
    if (full) log(`${counts.steps} steps, ${counts.answers} answers, ${counts.different} of them differ`);
  }
  return {
    name: "affected-edits",
    summary: "After random edits, what was kept tells the same as reading the workspace and asking git.",
    figures: {
      "kinds of edits": Object.keys(edits).length,
      "steps, each with one to three edits": counts.steps,
      "questions answered from what was kept": counts.answers,
      "answers that differ": counts.different,
    },
    failed: counts.different,
  };
}

async function inOnePlace(
  { seed, steps, log }: Pick<Options, "seed" | "log"> & { readonly steps: number },
  counts: Counts,
): Promise<void> {
  const base = mkdtempSync(join(tmpdir(), "slipway-affected-edits-"));
  const place = madeIn(base, seed);
  const told: string[] = [];
  try {
    for (let at = 0; at < steps; at++) {
      told.push(edit(place));
      // Within a tick of the clock, just past it, and long after.
      await setTimeout([0, 0, 4, 15, 30][place.roll(5)] ?? 0);
      counts.steps += 1;
      for (const words of [question(place), question(place)]) {
        const difference = await compared(place, words, counts);
        if (difference === null) continue;
        log(`seed ${seed}, step ${at}, ${words.join(" ")}, after:\n  ${told.slice(-20).join("\n  ")}`);
        log(difference);
      }
    }
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

/** Null: the same, or nothing was kept that could answer. */
async function compared(place: Edited, words: readonly string[], counts: Counts): Promise<string | null> {
  const early = await answered(place, (outside) => lookForAffected(words, outside));
  if (early === null) {
    await setTimeout(30);
    await answered(place, async (outside) => dispatch(words, outside).catch(() => 2));
    return null;
  }
  counts.answers += 1;
  const right = await truth(place, words);
  if (early === right) return null;
  counts.different += 1;
  return differenceOf(early, right);
}

function madeIn(base: string, seed: number): Edited {
  const dir = join(base, "workspace");
  const { PATH = "" } = process.env;
  const place = { dir, env: { PATH, HOME: base }, roll: dice(seed) };
  const files: Readonly<Record<string, string>> = {
    "package.json": '{ "name": "root", "private": true, "packageManager": "pnpm@10.0.0" }',
    "pnpm-workspace.yaml": "packages:\n  - packages/*\n",
    "turbo.json":
      '{ "globalDependencies": ["config/*.json"], "tasks": { "build": { "outputs": ["dist/**"] } } }',
    "tools/build.sh": "",
    ".gitignore": "dist/\nnode_modules/\n",
    "../.gitconfig": "[user]\n  name = t\n  email = t@example.invalid\n[init]\n  defaultBranch = main\n",
  };
  for (const [path, text] of Object.entries(files)) write(join(dir, path), text);
  for (const at of [0, 1, 2]) {
    write(join(dir, `packages/p${at}/package.json`), manifest(`p${at}`, at + 1));
    for (const name of ["a.ts", "lib/b.ts"]) write(join(dir, `packages/p${at}/src/${name}`), name);
  }
  git(place, "init", "-q");
  for (const text of ["one", "two"]) {
    write(join(dir, "config/x.json"), text);
    commit(place);
  }
  return place;
}

function write(path: string, text: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}

/** Source: Tommy Ettinger's mulberry32, in the public domain. */
function dice(seed: number): Edited["roll"] {
  let state = seed;
  return (below) => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function edit(place: Edited): string {
  const kinds = Object.keys(edits);
  return Array.from({ length: 1 + place.roll(3) }, () => {
    const kind = kinds[place.roll(kinds.length)] ?? "nothing";
    try {
      edits[kind]?.(place);
      return kind;
    } catch (error) {
      return `${kind} (${(error as NodeJS.ErrnoException).code ?? "refused"})`;
    }
  }).join(", ");
}

const bases = ["HEAD", "HEAD", "HEAD~1", "HEAD~2", "main", "one", "two/three", "origin/main", null, null];

function question(place: Edited): string[] {
  const base = bases[place.roll(bases.length)];
  return ["affected", "--json", ...(base ? ["--base", base] : [])];
}

async function truth(place: Edited, words: readonly string[]): Promise<string> {
  const at = words.indexOf("--base");
  const base = at === -1 ? undefined : words[at + 1];
  const flags = { json: true, tasks: [], base, head: undefined, strict: false };
  const right = await answered(place, async (outside) => {
    try {
      return await showAffected(await loadForTasks(outside, {}), flags, outside);
    } catch (error) {
      outside.answer((error as Error).message);
      return 2;
    }
  });
  return right ?? "";
}

/** What is said on stdout; null: nothing was answered. */
async function answered(
  { dir, env }: Edited,
  ask: (outside: Outside) => Promise<unknown>,
): Promise<string | null> {
  const said: string[] = [];
  const stream = { isTTY: false, write: () => {} };
  const given = await ask({
    cwd: dir,
    env,
    terminal: terminalOf({ stdin: stream, stdout: stream, stderr: stream }, env),
    signal: new AbortController().signal,
    answer: (text) => void said.push(text),
    say: () => {},
  });
  return given === null ? null : said.join("\n");
}

function differenceOf(early: string, right: string): string {
  const [one, other] = [early.split("\n"), right.split("\n")];
  const onlyEarly = one.filter((line) => !other.includes(line)).map((line) => `kept ${line}`);
  const onlyRight = other.filter((line) => !one.includes(line)).map((line) => `right ${line}`);
  return [...onlyEarly, ...onlyRight].slice(0, 20).join("\n");
}
