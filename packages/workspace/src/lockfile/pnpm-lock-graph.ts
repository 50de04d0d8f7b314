import type { LockGraph } from "./lock-graph.ts";

/** What was found in a pnpm lockfile: packages of the workspace and installed ones, with what they need by name. */
export interface PnpmFindings {
  /** Text of each entry of `packages`, which has the integrity that `snapshots` lacks. */
  readonly packages: Map<string, string>;
  readonly found: { readonly importers: Found[]; readonly entries: Found[] };
}

export interface Found {
  readonly key: string;
  facts: string;
  readonly needs: Need[];
}

export interface Need {
  readonly kind: string;
  readonly name: string;
  version: string;
}

/**
 * What an entry says that tells nothing of what is installed: before version 9 whether production reaches it, and what
 * its author says of it, which comes and goes without a new version.
 */
const remarks = /\n {4}(?:dev: (?:true|false)|deprecated:[^\n]*(?:\n+ {6,}[^\n]*)*)/g;

/** Resolves names and versions to nodes. */
export function pnpmLockGraph({ packages, found }: PnpmFindings): LockGraph {
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
