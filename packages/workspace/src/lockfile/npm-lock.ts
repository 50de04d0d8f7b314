import { isRecord, type RelativePath } from "@slipway/kernel";
import { asRecord, importerKeys } from "./importers.ts";
import { LockGraphBuilder, type LockGraph } from "./lock-graph.ts";

type Entry = Readonly<Record<string, unknown>>;

/** Reads package-lock.json, lockfileVersion 2 and 3: places in node_modules, resolved upwards as Node does. */
export function npmGraphOf(document: unknown): LockGraph | null {
  const packages = isRecord(document) && isRecord(document["packages"]) ? document["packages"] : null;
  if (!packages) return null;
  const entries = new Map(
    Object.entries(packages).filter((each): each is [string, Entry] => isRecord(each[1])),
  );
  const graph = new LockGraphBuilder();
  for (const [place, entry] of entries) {
    if (isImporter(place)) addImporter(graph, { place, entry, entries });
    else if (entry["link"] !== true) addEntry(graph, { place, entry, entries });
  }
  return graph.graph();
}

interface Placed {
  readonly place: RelativePath;
  readonly entry: Entry;
  readonly entries: ReadonlyMap<string, Entry>;
}

function isImporter(place: string): boolean {
  return !/(^|\/)node_modules\//.test(place);
}

function addImporter(graph: LockGraphBuilder, placed: Placed): void {
  const keys = importerKeys(placed.place);
  graph.define(keys.all, "importer");
  graph.define(keys.shipped, "importer");
  graph.importer(placed.place, keys.all);
  for (const kind of ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"]) {
    for (const name of Object.keys(asRecord(placed.entry[kind]))) {
      const to = target(name, placed);
      if (to === null) continue;
      graph.need(keys.all, to);
      if (kind !== "devDependencies") graph.need(keys.shipped, to);
    }
  }
}

function addEntry(graph: LockGraphBuilder, placed: Placed): void {
  const { place, entry } = placed;
  // Flags such as `dev` say who needs it, not what it is.
  const { version, resolved, integrity, name, os, cpu, bin, hasInstallScript } = entry;
  const known = name ?? place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
  graph.define(place, JSON.stringify([known, version, resolved, integrity, os, cpu, bin, hasInstallScript]));
  for (const kind of ["dependencies", "optionalDependencies", "peerDependencies"]) {
    for (const dependency of Object.keys(asRecord(entry[kind]))) {
      const to = target(dependency, placed);
      if (to !== null) graph.need(place, to);
    }
  }
}

/** The node that a name means at a place; null when nothing is installed for it, as with an optional peer. */
function target(name: string, { place, entries }: Placed): string | null {
  for (let dir: string | null = place; dir !== null; dir = parent(dir)) {
    const candidate = dir === "" ? `node_modules/${name}` : `${dir}/node_modules/${name}`;
    const entry = entries.get(candidate);
    if (!entry) continue;
    if (entry["link"] !== true) return candidate;
    return typeof entry["resolved"] === "string" ? importerKeys(entry["resolved"]).shipped : candidate;
  }
  return null;
}

function parent(dir: string): string | null {
  if (dir === "") return null;
  const nested = dir.lastIndexOf("/node_modules/");
  if (nested !== -1) return dir.slice(0, nested);
  if (dir.startsWith("node_modules/")) return "";
  const slash = dir.lastIndexOf("/");
  return slash === -1 ? "" : dir.slice(0, slash);
}
