import { isRecord } from "@slipway/kernel";
import type { LockGraph } from "./lock-graph.ts";
import { asRecord } from "./importers.ts";

/**
 * Reads pnpm-lock.yaml, lockfileVersion 5 to 9. Only the shape that pnpm itself writes is read here, line by line: a
 * YAML parser would take ten times as long on a lockfile of a megabyte.
 *
 * @returns null when the text has another shape; then {@link pnpmGraphOf} takes what a YAML parser made of it
 */
export function scanPnpmLock(text: string): LockGraph | null {
  const scan: Scan = { packages: new Map(), found: { importers: [], entries: [] } };
  if (!readLines(text, scan)) return null;
  return joined(scan);
}

/** The same from a parsed document. */
export function pnpmGraphOf(document: unknown): LockGraph | null {
  if (!isRecord(document) || document["lockfileVersion"] === undefined) return null;
  const scan: Scan = { packages: new Map(), found: { importers: [], entries: [] } };
  const importers = isRecord(document["importers"]) ? document["importers"] : { ".": document };
  for (const [dir, importer] of Object.entries(importers)) {
    const found: Found = { key: dir, facts: "", needs: needsOf(importer, kindsOfImporters) };
    scan.found.importers.push(found);
  }
  for (const [key, entry] of Object.entries(asRecord(document["packages"]))) {
    scan.packages.set(key, JSON.stringify(entry));
    if (document["snapshots"] === undefined) {
      scan.found.entries.push({ key, facts: "", needs: needsOf(entry, kindsOfEntries) });
    }
  }
  for (const [key, entry] of Object.entries(asRecord(document["snapshots"]))) {
    scan.found.entries.push({ key, facts: JSON.stringify(entry), needs: needsOf(entry, kindsOfEntries) });
  }
  return joined(scan);
}

const kindsOfImporters = new Set(["dependencies", "devDependencies", "optionalDependencies"]);
const kindsOfEntries = new Set(["dependencies", "optionalDependencies"]);

interface Scan {
  /** Text of each entry of `packages`, which has the integrity that `snapshots` lacks. */
  readonly packages: Map<string, string>;
  readonly found: { readonly importers: Found[]; readonly entries: Found[] };
}

interface Found {
  readonly key: string;
  facts: string;
  readonly needs: Need[];
}

interface Need {
  readonly kind: string;
  readonly name: string;
  version: string;
}

function needsOf(entry: unknown, kinds: ReadonlySet<string>): Need[] {
  return Object.entries(asRecord(entry))
    .filter(([kind]) => kinds.has(kind))
    .flatMap(([kind, declared]) =>
      Object.entries(asRecord(declared)).map(([name, value]) => {
        const version = isRecord(value) ? value["version"] : value;
        return { kind, name, version: String(version) };
      }),
    );
}

/** Where the scan stands: which section, which entry of it, which kind of dependencies, which dependency. */
interface Place {
  section: string;
  entry: Found | null;
  entryStart: number;
  kind: string;
  need: Need | null;
}

/** @returns false for a shape that pnpm does not write */
function readLines(text: string, scan: Scan): boolean {
  const place: Place = { section: "", entry: null, entryStart: 0, kind: "", need: null };
  // One object for all lines: a lockfile has tens of thousands.
  const line: Line = { text, start: 0, end: 0, indent: 0 };
  for (let start = 0; start < text.length; start = line.end + 1) {
    const newline = text.indexOf("\n", start);
    line.end = newline === -1 ? text.length : newline;
    line.indent = 0;
    while (text.charCodeAt(start + line.indent) === 0x20) line.indent++;
    line.start = start + line.indent;
    const first = text.charCodeAt(line.start);
    if (line.start >= line.end || first === 0x0d || first === 0x23) continue;
    // A tab, an explicit key, or a second document: pnpm writes none of them here.
    if (first === 0x09 || first === 0x3f || (line.indent === 0 && first === 0x2d)) return false;
    if (!readLine(line, place, scan)) return false;
  }
  endEntry(text, text.length, { place, scan });
  return scan.found.importers.length > 0;
}

interface Line {
  readonly text: string;
  /** Of its first character that is no space. */
  start: number;
  end: number;
  indent: number;
}

function readLine(line: Line, place: Place, scan: Scan): boolean {
  const { text, start, indent } = line;
  if (indent === 0) return readSection(line, place, scan);
  if (kindsOfImporters.has(place.section)) {
    line.indent += 4;
    return readDependency(line, place);
  }
  if (place.section === "") return true;
  if (indent === 2) {
    endEntry(text, start - indent, { place, scan });
    const key = keyOf(line);
    if (key === null) return false;
    place.entry = { key, facts: "", needs: [] };
    place.entryStart = start;
    place.kind = "";
    return true;
  }
  if (indent === 4) {
    const key = keyOf(line);
    const kinds = place.section === "importers" ? kindsOfImporters : kindsOfEntries;
    place.kind = key !== null && kinds.has(key) ? key : "";
    place.need = null;
    return true;
  }
  return place.kind === "" || readDependency(line, place);
}

const sections = new Set(["importers", "packages", "snapshots"]);

function readSection(line: Line, place: Place, scan: Scan): boolean {
  endEntry(line.text, line.start, { place, scan });
  const key = keyOf(line) ?? "";
  place.kind = "";
  place.section = sections.has(key) || kindsOfImporters.has(key) ? key : "";
  if (kindsOfImporters.has(key)) startRootImporter(place, scan);
  return !sections.has(key) || valueOf(line) === "";
}

/** The one package of a lockfile without importers stands at its top. */
function startRootImporter(place: Place, scan: Scan): void {
  const before = scan.found.importers.find((each) => each.key === ".");
  const importer: Found = before ?? { key: ".", facts: "", needs: [] };
  if (!before) scan.found.importers.push(importer);
  place.entry = importer;
  place.kind = place.section;
}

/** `name: version`, or `name:` with `specifier:` and `version:` below. */
function readDependency(line: Line, place: Place): boolean {
  const { entry } = place;
  if (!entry) return false;
  const key = keyOf(line);
  if (key === null) return false;
  const value = valueOf(line);
  if (line.indent === 6) {
    place.need = { kind: place.kind, name: key, version: value };
    entry.needs.push(place.need);
  } else if (line.indent === 8 && key === "version" && place.need) place.need.version = value;
  const first = value.charCodeAt(0);
  // A flow mapping or a folded text.
  return first !== 0x7b && first !== 0x3e && first !== 0x7c;
}

function endEntry(
  text: string,
  end: number,
  { place, scan }: { readonly place: Place; readonly scan: Scan },
): void {
  const { entry, section } = place;
  place.entry = null;
  if (!entry) return;
  if (section === "importers") scan.found.importers.push(entry);
  if (section === "packages") scan.packages.set(entry.key, text.slice(place.entryStart, end));
  if (section === "packages") scan.found.entries.push(entry);
  if (section === "snapshots") {
    entry.facts = text.slice(place.entryStart, end);
    scan.found.entries.push(entry);
  }
}

function keyOf({ text, start, end }: Line): string | null {
  const quote = text.charCodeAt(start);
  if (quote === 0x27 || quote === 0x22) {
    const close = text.indexOf(quote === 0x27 ? "'" : '"', start + 1);
    return close === -1 || close >= end ? null : text.slice(start + 1, close);
  }
  for (let at = start; at < end; at++) {
    if (text.charCodeAt(at) !== 0x3a) continue;
    const next = text.charCodeAt(at + 1);
    if (at + 1 >= end || next === 0x20 || next === 0x0d) return text.slice(start, at);
  }
  return null;
}

function valueOf({ text, start, end }: Line): string {
  const quote = text.charCodeAt(start);
  const isQuoted = quote === 0x27 || quote === 0x22;
  const from = isQuoted ? text.indexOf(quote === 0x27 ? "'" : '"', start + 1) + 1 : start;
  const colon = text.indexOf(": ", from);
  if (colon === -1 || colon >= end) return "";
  const last = text.charCodeAt(end - 1) === 0x0d ? end - 1 : end;
  const first = text.charCodeAt(colon + 2);
  const value = text.slice(colon + 2, last);
  return first === 0x27 || first === 0x22 ? value.slice(1, -1) : value;
}

/**
 * What an entry says that tells nothing of what is installed: before version 9 whether production reaches it, and what
 * its author says of it, which comes and goes without a new version.
 */
const remarks = /\n {4}(?:dev: (?:true|false)|deprecated:[^\n]*(?:\n+ {6,}[^\n]*)*)/g;

function joined({ packages, found }: Scan): LockGraph {
  const isSplit = found.entries.some(({ facts }) => facts !== "");
  const entries = isSplit ? found.entries.filter(({ facts }) => facts !== "") : found.entries;
  const graph: Joining = { nodes: [], positions: new Map(), importers: new Map() };
  for (const { key, facts } of entries) {
    const own = packages.get(key) ?? packages.get(withoutSuffix(key)) ?? "";
    // The last entry of a section ends with the section's blank lines.
    const parts = [key, own.replaceAll(remarks, "").trimEnd(), facts.trimEnd()];
    const node = { facts: parts.join("\n"), needs: [] };
    graph.positions.set(key, graph.nodes.push(node) - 1);
  }
  for (const { key, needs } of entries) {
    const node = graph.nodes[graph.positions.get(key) ?? 0];
    for (const need of needs) node?.needs.push(position(need, graph));
  }
  for (const { key } of found.importers) addImporter(graph, key === "." ? "" : key);
  for (const importer of found.importers) joinImporter(graph, importer);
  return { nodes: graph.nodes, importers: graph.importers };
}

interface Joining {
  readonly nodes: { facts: string; readonly needs: number[] }[];
  readonly positions: Map<string, number>;
  readonly importers: Map<string, number>;
}

/** The node of what a package reaches itself, and after it that of what it brings to others. */
function addImporter(graph: Joining, dir: string): void {
  graph.importers.set(dir, graph.nodes.push({ facts: "importer", needs: [] }) - 1);
  graph.nodes.push({ facts: "shipped", needs: [] });
}

function joinImporter(graph: Joining, importer: Found): void {
  const dir = importer.key === "." ? "" : importer.key;
  const at = graph.importers.get(dir) ?? 0;
  const [all, shipped] = [graph.nodes[at], graph.nodes[at + 1]];
  for (const need of importer.needs) {
    const { name, version } = need;
    const linked = version.startsWith("link:") ? resolvedDir(dir, version.slice("link:".length)) : null;
    const local = linked === null ? undefined : graph.importers.get(linked);
    const to = local === undefined ? position(need, graph) : local + 1;
    // An alias gives the same package under another name.
    const alias =
      local === undefined && graph.nodes[to]?.facts.startsWith(`${name}@`) !== true
        ? `\n${name} is ${version}`
        : "";
    for (const node of need.kind === "devDependencies" ? [all] : [all, shipped]) {
      node?.needs.push(to);
      if (node) node.facts += alias;
    }
  }
}

/** The node that `name: version` means, in the notations of lockfileVersion 9, 6 and 5; made when there is none. */
function position({ name, version }: Need, graph: Joining): number {
  const usual = `${name}@${version}`;
  const found =
    graph.positions.get(usual) ??
    graph.positions.get(version) ??
    graph.positions.get(`/${usual}`) ??
    graph.positions.get(`/${name}/${version}`) ??
    graph.positions.get(`/${version}`);
  if (found !== undefined) return found;
  // A link to the outside, or a package of the workspace that is copied: its name says all that is known of it.
  const made = graph.nodes.push({ facts: usual, needs: [] }) - 1;
  graph.positions.set(usual, made);
  return made;
}

/** `name@1.0.0(peer@2.0.0)` -> `name@1.0.0`. */
function withoutSuffix(key: string): string {
  const at = key.indexOf("(");
  return at === -1 ? key : key.slice(0, at);
}

function resolvedDir(from: string, path: string): string {
  const parts = from === "" ? [] : from.split("/");
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}
