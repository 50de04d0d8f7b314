import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { UserError } from "@slipway/kernel";
import type { Generation, VersionDecision } from "@slipway/plan";
import { afterAll, describe, expect, test } from "vitest";
import { planAndApplyVersions } from "../../src/journeys/version.ts";
import {
  readCases,
  replayApply,
  replayAssemble,
  type ApplyCase,
  type AssembleCase,
  type VersionCase,
} from "./replayed.ts";

const home = mkdtempSync(join(tmpdir(), "slipway-cases-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe.each([2, 3] as const)("as the tests of Changesets %i pin it:", (generation) => {
  test.each(readCases("assemble", generation) as readonly AssembleCase[])(
    "planning: $title",
    async (each) => {
      if (each.refused !== undefined) return expectPlannedInPart(() => replayAssemble(each, generation));
      const decision = await replayAssemble(each, generation);
      expect(bumpsOf(decision)).toEqual(wantedBumps(each));
    },
  );

  test.each(readCases("apply", generation) as readonly ApplyCase[])("writing: $title", async (each) => {
    if (each.refused !== undefined) return;
    const changed = await replayApply(each, generation);
    expect(comparable(changed, each.before, generation)).toEqual(
      comparable(each.changed ?? {}, each.before, generation),
    );
  });

  test.each(readCases("version", generation) as readonly VersionCase[])("version: $title", async (each) => {
    const dir = layOut(each);
    const work = () => planAndApplyVersions(dir, optionsOf(each, generation));
    if (each.refused !== undefined) return expectPlannedInPart(work);
    await work();
    expect(comparable(changedFiles(dir, each.before), each.before, generation)).toEqual(
      comparable(each.changed ?? {}, each.before, generation),
    );
  });
});

/** Where Changesets refuses, Slipway refuses too, or plans what it can and says what it left. */
async function expectPlannedInPart(
  work: () => Promise<{ readonly left: readonly unknown[] }>,
): Promise<void> {
  try {
    const { left } = await work();
    expect(left).not.toEqual([]);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
  }
}

function bumpsOf(decision: VersionDecision): Record<string, string> {
  return Object.fromEntries(decision.bumps.map(({ package: name, to }) => [name, datetimeless(to)]));
}

function wantedBumps({ bumps = {}, packages }: AssembleCase): Record<string, string> {
  const versions = new Map(Object.values(packages).map((each) => [each["name"], each["version"]]));
  return Object.fromEntries(
    Object.entries(bumps).flatMap(([name, [, to]]) =>
      to === null || versions.get(name) === to ? [] : [[name, to]],
    ),
  );
}

function datetimeless(text: string): string {
  return text.replaceAll(/\d{14}/g, "DATETIME").replaceAll(/\d{13}/g, "TIMESTAMP");
}

/** Generation 2 rewrites whole files in a form of its own, changed or not: there, JSON files are compared as values. */
function comparable(
  files: Readonly<Record<string, string | null>>,
  before: VersionCase["before"],
  generation: Generation,
): Record<string, unknown> {
  const valueOf = (path: string, text: string | null | undefined): unknown => {
    if (text === null || text === undefined) return text;
    if (generation === 3) return datetimeless(text);
    return path.endsWith(".json")
      ? (JSON.parse(datetimeless(text)) as unknown)
      : datetimeless(text).trimEnd();
  };
  return Object.fromEntries(
    Object.entries(files)
      .map(([path, text]) => [path, valueOf(path, text)] as const)
      .filter(([path, value]) => JSON.stringify(value) !== JSON.stringify(valueOf(path, before[path]))),
  );
}

let count = 0;

function layOut(each: VersionCase): string {
  const dir = join(home, String(count++));
  const config = JSON.stringify(each.config);
  for (const [path, text] of Object.entries({ ...each.before, ".changeset/config.json": config })) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

function optionsOf({ options = {} }: VersionCase, generation: Generation) {
  const { snapshot, ignore } = options;
  return {
    env: {},
    nowMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    generation,
    catalogEdges: false,
    ...(ignore ? { ignore } : {}),
    ...(snapshot ? { snapshot: { tag: snapshot === true ? null : snapshot } } : {}),
  };
}

function changedFiles(dir: string, before: VersionCase["before"]): Record<string, string | null> {
  const after = new Map(
    readdirSync(dir, { recursive: true, encoding: "utf8" })
      .map((path) => join(dir, path))
      .filter((file) => statSync(file).isFile())
      .map((file) => [relative(dir, file), readFileSync(file, "utf8")] as const),
  );
  after.delete(".changeset/config.json");
  const paths = new Set([...Object.keys(before), ...after.keys()]);
  return Object.fromEntries(
    [...paths]
      .filter((path) => before[path] !== after.get(path))
      .map((path) => [path, after.get(path) ?? null] as const),
  );
}
