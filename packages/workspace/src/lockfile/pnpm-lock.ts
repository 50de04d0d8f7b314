import { isRecord } from "@slipway/kernel";
import type { LockGraph } from "./lock-graph.ts";
import { pnpmLockGraph, type Found, type Need, type PnpmFindings } from "./pnpm-lock-graph.ts";
import { asRecord } from "./importers.ts";

/**
 * Reads pnpm-lock.yaml, lockfileVersion 5 to 9. Only the shape that pnpm itself writes is read here, line by line: a
 * YAML parser would take ten times as long on a lockfile of a megabyte.
 *
 * @returns null when the text has another shape; then {@link pnpmGraphOf} takes what a YAML parser made of it
 */
export function scanPnpmLock(text: string): LockGraph | null {
  const scan: PnpmFindings = { packages: new Map(), found: { importers: [], entries: [] } };
  if (!readLines(text, scan)) return null;
  return pnpmLockGraph(scan);
}

/** The same from a parsed document. */
export function pnpmGraphOf(document: unknown): LockGraph | null {
  if (!isRecord(document) || document["lockfileVersion"] === undefined) return null;
  const scan: PnpmFindings = { packages: new Map(), found: { importers: [], entries: [] } };
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
  return pnpmLockGraph(scan);
}

const kindsOfImporters = new Set(["dependencies", "devDependencies", "optionalDependencies"]);
const kindsOfEntries = new Set(["dependencies", "optionalDependencies"]);

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
function readLines(text: string, scan: PnpmFindings): boolean {
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

function readLine(line: Line, place: Place, scan: PnpmFindings): boolean {
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

function readSection(line: Line, place: Place, scan: PnpmFindings): boolean {
  endEntry(line.text, line.start, { place, scan });
  const key = keyOf(line) ?? "";
  place.kind = "";
  place.section = sections.has(key) || kindsOfImporters.has(key) ? key : "";
  if (kindsOfImporters.has(key)) startRootImporter(place, scan);
  return !sections.has(key) || valueOf(line) === "";
}

/** The one package of a lockfile without importers stands at its top. */
function startRootImporter(place: Place, scan: PnpmFindings): void {
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
  { place, scan }: { readonly place: Place; readonly scan: PnpmFindings },
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
