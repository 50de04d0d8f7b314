import { isRecord } from "@slipway/kernel";
import { asRecord, importerKeys } from "./importers.ts";
import { LockGraphBuilder, type LockGraph } from "./lock-graph.ts";

/** bun.lock is JSON with trailing commas; this makes it JSON without a slow tolerant parser. */
export function withoutTrailingCommas(text: string): string {
  return text.replaceAll(/("(?:[^"\\\n]|\\.)*")|,(?=\s*[}\]])/g, "$1");
}

interface Entry {
  /** `name@1.0.0`, `name@workspace:packages/a`, `name@git+…`. */
  readonly resolution: string;
  readonly facts: string;
  readonly needs: readonly string[];
}

/** Reads bun.lock: a name means the entry nearest above it in the path of its dependents (`a/b`, then `b`). */
export function bunGraphOf(document: unknown): LockGraph | null {
  if (!isRecord(document) || !isRecord(document["workspaces"])) return null;
  const entries = new Map<string, Entry>();
  for (const [path, value] of Object.entries(asRecord(document["packages"]))) {
    const entry = entryOf(value);
    if (entry) entries.set(path, entry);
  }
  const patches = asRecord(document["patchedDependencies"]);
  const graph = new LockGraphBuilder();
  for (const [path, entry] of entries) {
    if (workspaceDir(entry) !== null) continue;
    graph.define(path, JSON.stringify([entry.facts, patches[entry.resolution]]));
    for (const name of entry.needs) {
      const to = target(name, path, entries);
      if (to !== null) graph.need(path, to);
    }
  }
  for (const [dir, workspace] of Object.entries(document["workspaces"])) {
    addImporter(graph, { dir, workspace: asRecord(workspace), entries });
  }
  return graph.graph();
}

interface Importer {
  readonly dir: string;
  readonly workspace: Readonly<Record<string, unknown>>;
  readonly entries: ReadonlyMap<string, Entry>;
}

function addImporter(graph: LockGraphBuilder, { dir, workspace, entries }: Importer): void {
  const keys = importerKeys(dir);
  graph.define(keys.all, "importer");
  graph.define(keys.shipped, "importer");
  graph.importer(dir, keys.all);
  const own = typeof workspace["name"] === "string" ? workspace["name"] : "";
  for (const kind of ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"]) {
    for (const name of Object.keys(asRecord(workspace[kind]))) {
      const to = target(name, own, entries);
      if (to === null) continue;
      graph.need(keys.all, to);
      if (kind !== "devDependencies") graph.need(keys.shipped, to);
    }
  }
}

/** `[resolution, registry, { dependencies… }, integrity]`; what stands between differs by where it came from. */
function entryOf(value: unknown): Entry | null {
  if (!Array.isArray(value) || typeof value[0] !== "string") return null;
  const needs = value
    .filter(isRecord)
    .flatMap((each) =>
      ["dependencies", "optionalDependencies", "peerDependencies"].flatMap((kind) =>
        Object.keys(asRecord(each[kind])),
      ),
    );
  return { resolution: value[0], facts: JSON.stringify(value), needs };
}

function workspaceDir(entry: Entry): string | null {
  return /@workspace:(.*)$/.exec(entry.resolution)?.[1] ?? null;
}

/** Null when nothing is installed for the name, as with an optional peer. */
function target(name: string, path: string, entries: ReadonlyMap<string, Entry>): string | null {
  for (let at: string | null = path; at !== null; at = above(at)) {
    const candidate = at === "" ? name : `${at}/${name}`;
    const entry = entries.get(candidate);
    if (!entry) continue;
    const dir = workspaceDir(entry);
    return dir === null ? candidate : importerKeys(dir).shipped;
  }
  return null;
}

/** The path without its last name; a scope is part of a name. */
function above(path: string): string | null {
  if (path === "") return null;
  const parts = path.split("/");
  parts.pop();
  if (parts.at(-1)?.startsWith("@")) parts.pop();
  return parts.join("/");
}
