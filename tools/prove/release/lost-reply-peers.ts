import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FaultRegistry, type FaultRoute, type FaultSpec } from "../../../packages/testkit/src/index.ts";
import { endOf, publish, type Published } from "../../publishers/publishers.ts";
import { sealWorkspace } from "../../publishers/seal.ts";
import { plantEarlier } from "../../publishers/standing.ts";
import { calledPublished, complaintOf } from "../../publishers/words.ts";
import { makeWorkspace } from "../../publishers/workspace.ts";
import type { Table } from "../../prove.ts";
import { knownOfPublishers } from "./known-so-far.ts";
import { lostOne, names, sealedOf, steps, type Course, type Place } from "./lost-reply-courses.ts";

const runMsMax = 30_000;

interface Row {
  readonly first: string;
  readonly stood: string;
  readonly second: string;
  readonly lacks: readonly string[];
  /** The first run ended with 0 and nothing is missing. */
  readonly isWell: boolean;
  readonly isWellTwice: boolean;
}

interface Options {
  readonly folder: string;
  readonly parts?: string;
  readonly shapes: Readonly<Record<string, FaultSpec>>;
  log(line: string): void;
}

/** The same lost answers for Slipway and for other publishers, as whole programs, on workspaces of three packages. */
export async function peersTold(
  options: Options,
): Promise<{ tables: Table[]; figures: Record<string, string> }> {
  const knownOf = knownOfPublishers<Row>({ name: "lost-reply-peers", folder: options.parts, sources });
  const figures: Record<string, string> = {};
  const tables: Table[] = [];
  for (const { title, route, words, courses } of steps()) {
    const rows: string[][] = [];
    for (const course of courses) {
      const told: Row[] = [];
      const known = knownOf(course.publisher);
      for (const [shape, fault] of Object.entries(options.shapes)) {
        const key = `${title}, ${course.command}, ${shape}`;
        const row = known.said(key) ?? (await played(course, { route, fault, place: options.folder }));
        known.keep(key, row);
        options.log(`${key}: ${row.first}; ${row.stood}; ${row.second}; ${row.lacks.join(", ")}`);
        told.push(row);
        rows.push([course.command, shape, row.first, row.stood, row.second, inOneCell(row.lacks)]);
      }
      figures[`${title}, ${course.command}`] = summed(told);
    }
    tables.push({ title: `A lost answer to: ${title}`, words, head, rows });
  }
  return { tables, figures };
}

const sources = ["peers", "courses"].map((part) => `tools/prove/release/lost-reply-${part}.ts`);
const head = ["command", "answer lost by", "first run", "then there is", "the same again", "missing then"];

function inOneCell(lacks: readonly string[]): string {
  return lacks.length === 0 ? "nothing" : lacks.join(", ");
}

function summed(rows: readonly Row[]): string {
  const well = rows.filter(({ isWell }) => isWell).length;
  const twice = rows.filter(({ isWellTwice }) => isWellTwice).length;
  const lost = rows.filter(({ lacks }) => lacks.length > 0).length;
  return `of ${rows.length}: whole with exit 0 in one run ${well}, after a second run ${twice}; something missing then ${lost}`;
}

async function played(
  course: Course,
  {
    route,
    fault,
    place: parent,
  }: { readonly route: FaultRoute; readonly fault: FaultSpec; readonly place: string },
): Promise<Row> {
  const { publisher } = course;
  const folder = mkdtempSync(join(parent, "peer-"));
  const registry = new FaultRegistry();
  plantEarlier(registry, names);
  const listening = await registry.listen();
  try {
    const workspace = makeWorkspace({
      folder,
      count: names.length,
      url: listening.url,
      manager: publisher.manager,
    });
    const place: Place = { registry, workspace };
    if (publisher.name === "slipway") await sealWorkspace(workspace, sealedOf(workspace));
    const args = await course.prepare(place);
    if (route.includes(":name")) registry.failNext({ route, name: lostOne }, fault);
    else registry.failNext(route, fault);
    const first = await publish({ ...publisher, args }, workspace, runMsMax);
    if (!registry.seen.some(({ faulty }) => faulty))
      throw new Error(`no answer was lost: ${course.command}: ${first.output}`);
    const stood = await course.stands(place);
    const lackedFirst = await course.lacks(place);
    const second = await publish({ ...publisher, args }, workspace, runMsMax);
    const lacks = await course.lacks(place);
    const isWell = first.exit === 0 && lackedFirst.length === 0;
    const isWellTwice = isWell || (second.exit === 0 && lacks.length === 0);
    return { first: toldOf(first), stood, second: toldOf(second), lacks, isWell, isWellTwice };
  } finally {
    await listening.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function toldOf(run: Published): string {
  const called = [...calledPublished(run.output)].toSorted().map((name) => name.replace("@trial/", ""));
  const complaint = run.exit === 0 ? null : complaintOf(run.output);
  return [
    endOf(run),
    ...(called.length > 0 ? [`names ${called.join(", ")} as done`] : []),
    ...(complaint === null ? [] : [`"${complaint}"`]),
  ].join("; ");
}
