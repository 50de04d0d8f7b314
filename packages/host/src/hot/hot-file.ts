import { writeFileSync } from "node:fs";
import { readOrNull, writeAtomically } from "../store/blob-store.ts";
import { sealDigest, sealSections, unsealSections } from "../store/sealed-file.ts";
import { statNumberCount } from "../tree/stamps.ts";
import {
  patchedLinks,
  patchedTable,
  sinceOf,
  type HotKind,
  type HotSince,
  type HotTable,
} from "./hot-since.ts";

/** Files that count, directories and outputs of all tasks, each path once. */
export type HotTables = Readonly<Record<HotKind, HotTable>>;

/** What a run needs that goes on from a state, and one in which nothing happened does not. */
export interface HotMore {
  /** For each task: how many files, directories and outputs it has, then their places in the tables. */
  readonly links: Uint32Array;
  section(name: "plan" | "listing"): string;
}

/**
 * What an earlier run has seen, in three files that are read whole or not at all: what every start needs, the rest, and
 * what came to differ since both were written.
 */
export interface HotFile extends HotTables {
  readonly head: HotHead;
  /** JSON of what is kept of each task, as it was when the state was written whole. */
  section(name: "tasks" | "logs"): string;
  readonly since: HotSince | null;
  /** Of the file that says what stands in `since` and belongs to `more`. */
  readonly digest: string;
  /** Null when it is damaged, or another state's. */
  more(): HotMore | null;
}

/** What must be equal before anything of the state is looked at. */
export interface HotHead {
  /** The program's version: another one may see things differently. */
  readonly engine: string;
  /** Absolute root of the work tree. */
  readonly root: string;
  /** Files that decide what the tasks are: as they were, by absolute path; null where none was. */
  readonly anchors: readonly (readonly [path: string, stat: readonly number[] | null])[];
  /** Names and patterns of variables that count for some task, and the digest of their values. */
  readonly env: { readonly patterns: readonly string[]; readonly digest: string };
  /** Of all variables that Slipway itself heeds. */
  readonly ownEnv: string;
  readonly nodePath: string | null;
  readonly counts: Readonly<Record<HotKind, number>>;
  /** Digest of the file with the rest. */
  readonly more: string;
  /** Whatever the caller wants back. */
  readonly facts: unknown;
}

/** Files: absent, and then something there would be news; or read too close to their stamp to be trusted. */
export const absentNumber = -1;
export const racyNumber = Number.NaN;
/** A row that no task goes by any more: not looked at. */
export const unusedNumber = -2;

const format = "slipway-hot-4";

export interface HotContent {
  readonly head: Omit<HotHead, "counts" | "more">;
  readonly tables: HotTables;
  readonly links: Uint32Array;
  readonly sections: Readonly<Record<"tasks" | "logs" | "plan" | "listing", string>>;
}

/** @throws what the file system throws; without the file the next run only does more */
export function writeHotFile(path: string, { head, tables, links, sections }: HotContent): void {
  const { files, dirs, outputs } = tables;
  const { tasks, logs, ...rest } = sections;
  const texts = Object.entries(rest).map(([name, text]) => [name, Buffer.from(text)] as const);
  const more = sealSections(format, { links: bytesOf(links), ...Object.fromEntries(texts) });
  const counts = { files: files.paths.length, dirs: dirs.paths.length, outputs: outputs.paths.length };
  const main = sealSections(format, {
    head: Buffer.from(JSON.stringify({ ...head, counts, more: sealDigest(more) })),
    paths: Buffer.from([...files.paths, ...dirs.paths, ...outputs.paths].join("\0")),
    files: bytesOf(files.numbers),
    dirs: bytesOf(dirs.numbers),
    outputs: bytesOf(outputs.numbers),
    tasks: Buffer.from(tasks),
    logs: Buffer.from(logs),
  });
  // The one that names the other comes last.
  writeAtomically(morePath(path), (temporary) => writeFileSync(temporary, more));
  writeAtomically(path, (temporary) => writeFileSync(temporary, main));
}

/** Writes what came to differ since a state was written. @throws what the file system throws */
export function writeHotSince(path: string, { digest }: HotFile, since: HotSince): void {
  const sealed = sealSections(format, {
    of: Buffer.from(digest),
    since: Buffer.from(JSON.stringify(since)),
  });
  writeAtomically(sincePath(path), (temporary) => writeFileSync(temporary, sealed));
}

/** Null when there is none, or it is damaged. */
export function readHotFile(path: string): HotFile | null {
  const bytes = readOrNull(path);
  const sections = bytes && unsealSections(format, bytes);
  if (!sections) return null;
  const digest = sealDigest(bytes);
  const since = readSince(path, digest);
  const get = (name: string): Buffer => sections.get(name) ?? Buffer.alloc(0);
  const head = JSON.parse(get("head").toString("utf8")) as HotHead;
  const paths = get("paths").toString("utf8").split("\0");
  let from = 0;
  const table = (kind: HotKind): HotTable | null => {
    const numbers = new Float64Array(aligned(get(kind)));
    const own = paths.slice(from, (from += head.counts[kind]));
    if (numbers.length !== own.length * statNumberCount) return null;
    return patchedTable({ paths: own, numbers }, since?.tables[kind] ?? []);
  };
  const [files, dirs, outputs] = [table("files"), table("dirs"), table("outputs")];
  if (!files || !dirs || !outputs) return null;
  return {
    head: since ? { ...head, facts: since.facts } : head,
    files,
    dirs,
    outputs,
    section: (name) => get(name).toString("utf8"),
    since,
    digest,
    more: () => readMore(morePath(path), head.more, since),
  };
}

function readMore(path: string, digest: string, since: HotSince | null): HotMore | null {
  const bytes = readOrNull(path);
  const sections = bytes && sealDigest(bytes) === digest ? unsealSections(format, bytes) : null;
  if (!sections) return null;
  const links = new Uint32Array(aligned(sections.get("links") ?? Buffer.alloc(0)));
  return {
    links: patchedLinks(links, since?.links ?? []),
    section: (name) => sections.get(name)?.toString("utf8") ?? "",
  };
}

/** Null when nothing was written since, or it belongs to another state: then this one is as it was. */
function readSince(path: string, digest: string): HotSince | null {
  const bytes = readOrNull(sincePath(path));
  const sections = bytes && unsealSections(format, bytes);
  if (sections?.get("of")?.toString("utf8") !== digest) return null;
  return sinceOf(sections.get("since")?.toString("utf8") ?? "");
}

function morePath(path: string): string {
  return `${path}.more`;
}

function sincePath(path: string): string {
  return `${path}.since`;
}

function bytesOf(array: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Typed arrays want their numbers at multiples of their size; sections lie anywhere. */
function aligned(bytes: Buffer): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}
