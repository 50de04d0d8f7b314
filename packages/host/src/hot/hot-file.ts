import { writeFileSync } from "node:fs";
import { readOrNull, writeAtomically } from "../store/blob-store.ts";
import { sealSections, unsealSections } from "../store/sealed-file.ts";
import { statNumberCount } from "../tree/stamps.ts";

/** What stands in a hot state's tables, one after the other: files that count, directories, outputs. */
export interface HotTables {
  readonly files: readonly string[];
  readonly dirs: readonly string[];
  readonly outputs: readonly string[];
  /** `statNumberCount` numbers for each file, then each directory, then each output. */
  readonly numbers: Float64Array;
  /** For each task: how many files, directories and outputs it has, then their places in the tables. */
  readonly links: Uint32Array;
}

export interface HotFile extends HotTables {
  readonly head: HotHead;
  /** JSON that is parsed only when it is needed. */
  section(name: "tasks" | "logs" | "plan" | "listing"): string;
  /** Everything, as it stands in the file. */
  readonly sections: ReadonlyMap<string, Buffer>;
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
  readonly counts: { readonly files: number; readonly dirs: number; readonly outputs: number };
  /** Whatever the caller wants back. */
  readonly facts: unknown;
}

/** Files: absent, and then something there would be news; or read too close to their stamp to be trusted. */
export const absentNumber = -1;
export const racyNumber = Number.NaN;

const format = "slipway-hot-3";

export interface HotContent extends HotTables {
  readonly head: Omit<HotHead, "counts">;
  readonly sections: Readonly<Record<"tasks" | "logs" | "plan" | "listing", string>>;
}

/** @throws what the file system throws; without the file the next run only does more */
export function writeHotFile(path: string, content: HotContent): void {
  const { files, dirs, outputs, numbers, links, sections } = content;
  const counts = { files: files.length, dirs: dirs.length, outputs: outputs.length };
  const sealed = sealSections(format, {
    head: Buffer.from(JSON.stringify({ ...content.head, counts })),
    paths: Buffer.from([...files, ...dirs, ...outputs].join("\0")),
    numbers: bytesOf(numbers),
    links: bytesOf(links),
    ...Object.fromEntries(Object.entries(sections).map(([name, text]) => [name, Buffer.from(text)])),
  });
  writeAtomically(path, (temporary) => writeFileSync(temporary, sealed));
}

/** Writes a state again of which only the head and the numbers are others. */
export function rewriteHotFile(
  path: string,
  { sections }: HotFile,
  { head, numbers }: Pick<HotFile, "head" | "numbers">,
): void {
  const changed = { head: Buffer.from(JSON.stringify(head)), numbers: bytesOf(numbers) };
  const sealed = sealSections(format, { ...Object.fromEntries(sections), ...changed });
  writeAtomically(path, (temporary) => writeFileSync(temporary, sealed));
}

/** Null when there is none, or it is damaged. */
export function readHotFile(path: string): HotFile | null {
  const bytes = readOrNull(path);
  const sections = bytes ? unsealSections(format, bytes) : null;
  if (!sections) return null;
  const get = (name: string): Buffer => sections.get(name) ?? Buffer.alloc(0);
  const head = JSON.parse(get("head").toString("utf8")) as HotHead;
  const paths = get("paths").toString("utf8").split("\0");
  const { files, dirs } = head.counts;
  const numbers = aligned(get("numbers"));
  if (numbers.byteLength < paths.length * statNumberCount * 8) return null;
  return {
    head,
    files: paths.slice(0, files),
    dirs: paths.slice(files, files + dirs),
    outputs: paths.slice(files + dirs, files + dirs + head.counts.outputs),
    numbers: new Float64Array(numbers),
    links: new Uint32Array(aligned(get("links"))),
    section: (name) => get(name).toString("utf8"),
    sections,
  };
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
