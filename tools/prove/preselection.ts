/**
 * How often the packages that `slipway change` proposes are exactly those that authors named: merged pull requests of
 * public monorepos, as facts. Other histories: `node tools/prove/preselection.ts [--keep FILE] GIT_DIR...`
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import { defaultSettings, preselect, readSettings } from "../../packages/plan/src/index.ts";
import type { MergedChange } from "./preselection/merged-change.ts";
import { readHistory } from "./preselection/read-history.ts";

const PER_REPOSITORY = 60;
const GOAL = 0.8;

export function readMergedChanges(): readonly MergedChange[] {
  const file = new URL("preselection/merged-changes.ndjson.gz", import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString("utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as MergedChange);
}

/** The packages that are proposed for a change as it was merged. */
export function proposedFor({ packages, config, generation, files }: MergedChange): readonly string[] {
  const names = packages.map(({ name }) => name);
  const read = config === null ? null : readSettings(config, names, generation);
  const settings = read?.ok ? read.value : defaultSettings(generation);
  return preselect({ packages, settings, files, unreleasedFiles: [] })
    .map((each) => each.package)
    .toSorted();
}

export interface Tally {
  readonly total: number;
  /** Exactly the named packages, none else. */
  readonly same: number;
  /** All that were named, and others. */
  readonly more: number;
}

export function tallyOf(changes: readonly MergedChange[]): Tally {
  let same = 0;
  let more = 0;
  for (const change of changes) {
    const proposed = proposedFor(change);
    const complete = change.named.every((name) => proposed.includes(name));
    if (complete && proposed.length === change.named.length) same++;
    else if (complete) more++;
  }
  return { total: changes.length, same, more };
}

export async function prove(options: { seed: number; full: boolean; log(line: string): void }) {
  const changes = readMergedChanges();
  const figures: Record<string, string> = {};
  for (const [repository, tally] of byRepository(changes)) {
    options.log(`${repository}: ${percent(tally)}`);
    figures[repository] =
      `${tally.same} of ${tally.total} (${percent(tally)}), and ${tally.more} with others beside`;
  }
  const whole = tallyOf(changes);
  figures["all"] =
    `${whole.same} of ${whole.total} (${percent(whole)}), and ${whole.more} with others beside`;
  const summary =
    "The newest merged changes of public monorepos that add a changeset: how often the packages that `slipway change` selects beforehand are exactly those that the author named. The rules were made on query, changesets, emotion and xstate; of the others two were learned (scripts, private packages beside public ones).";
  return { name: "preselection", summary, figures, failed: whole.same / whole.total >= GOAL ? 0 : 1 };
}

function byRepository(changes: readonly MergedChange[]): readonly (readonly [string, Tally])[] {
  const names = [...new Set(changes.map(({ repository }) => repository))];
  return names.map((name) => [name, tallyOf(changes.filter(({ repository }) => repository === name))]);
}

function percent({ same, total }: Tally): string {
  return `${Math.round((100 * same) / total)} %`;
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { keep: { type: "string" } },
  });
  const changes: MergedChange[] = [];
  for (const gitDir of positionals) changes.push(...(await readHistory(gitDir, PER_REPOSITORY)));
  for (const [repository, tally] of byRepository(changes))
    console.log(
      `${repository}: ${tally.same} of ${tally.total} (${percent(tally)}), ${tally.more} with others beside`,
    );
  if (values.keep)
    writeFileSync(
      values.keep,
      gzipSync(changes.map((each) => `${JSON.stringify(each)}\n`).join(""), { level: 9 }),
    );
}
