import { catalogRange, type Catalogs } from "../packages/catalogs.ts";
import type { WorkspacePackage } from "../types.ts";
import { asRecord, importerKeys } from "./importers.ts";
import { LockGraphBuilder, type LockGraph } from "./lock-graph.ts";

/** One block of a yarn.lock: the descriptors it answers, its own text, and what it needs. */
interface Block {
  readonly descriptors: readonly string[];
  readonly text: string;
  readonly needs: readonly Descriptor[];
}

interface Descriptor {
  readonly name: string;
  readonly range: string;
}

export interface YarnProject {
  readonly packages: readonly WorkspacePackage[];
  readonly berry: boolean;
  /** Of .yarnrc.yml: the lockfile knows only the ranges that they stand for. */
  readonly catalogs: Catalogs;
}

/** Reads a yarn.lock of Yarn Classic or Berry; the packages' own dependencies come from their manifests. */
export function yarnGraphOf(text: string, project: YarnProject): LockGraph | null {
  const blocks = blocksOf(text);
  const graph = new LockGraphBuilder();
  graph.define(wholeLockfile, text);
  const byDescriptor = new Map<string, string>();
  const patches = new Map<string, string[]>();
  for (const block of blocks) {
    const { descriptors, text: own } = block;
    const key = keyOf(block);
    graph.define(key, own);
    for (const descriptor of descriptors) {
      byDescriptor.set(descriptor, key);
      const inner = patched(descriptor);
      if (inner !== null) patches.set(inner, [...(patches.get(inner) ?? []), key]);
    }
  }
  const lookup = lookupOf({ project, byDescriptor, patches });
  for (const block of blocks) {
    if (isWorkspaceBlock(block)) continue;
    for (const need of block.needs) for (const to of lookup(need, block)) graph.need(keyOf(block), to);
  }
  for (const owner of project.packages) addImporter(graph, owner, lookup);
  return graph.graph();
}

/** What nothing in the lockfile answers may be anything in it: it changes with every change. */
const wholeLockfile = "whole lockfile";

type Lookup = (need: Descriptor, from: Block | null) => readonly string[];

/** Yarn installs no peers for a package of the workspace. */
function addImporter(graph: LockGraphBuilder, owner: WorkspacePackage, lookup: Lookup): void {
  const keys = importerKeys(owner.dir);
  graph.define(keys.all, "importer");
  graph.define(keys.shipped, "importer");
  graph.importer(owner.dir, keys.all);
  for (const kind of ["dependencies", "optionalDependencies", "devDependencies"]) {
    for (const [name, range] of Object.entries(asRecord(owner.manifest[kind]))) {
      if (typeof range !== "string") continue;
      for (const to of lookup({ name, range }, null)) {
        graph.need(keys.all, to);
        if (kind !== "devDependencies") graph.need(keys.shipped, to);
      }
    }
  }
}

interface Tables {
  readonly project: YarnProject;
  readonly byDescriptor: ReadonlyMap<string, string>;
  /** Keys of patched packages by the descriptor that they patch. */
  readonly patches: ReadonlyMap<string, readonly string[]>;
}

function lookupOf({ project, byDescriptor, patches }: Tables): Lookup {
  const { packages, berry } = project;
  const byName = new Map(packages.map((each) => [each.name, each]));
  const byDir = new Map(packages.map((each) => [each.dir, each]));
  const root = packages.find((each) => each.dir === "");
  const resolutions = Object.entries(asRecord(root?.manifest["resolutions"]));
  const workspaceOf = (key: string): string | null => {
    const dir = /@workspace:([^,]*)$/.exec(key)?.[1];
    const found = dir === undefined ? undefined : byDir.get(dir === "." ? "" : dir);
    return found ? importerKeys(found.dir).shipped : null;
  };
  const find = (descriptor: string): readonly string[] => {
    const key = byDescriptor.get(descriptor);
    const inPatch = patches.get(descriptor) ?? [];
    return key === undefined ? inPatch : [workspaceOf(key) ?? key, ...inPatch];
  };
  return ({ name, range: declared }, from) => {
    const range = declared.startsWith("catalog:")
      ? (catalogRange(project.catalogs, name, declared) ?? declared)
      : declared;
    const forced = resolutions.find(([pattern]) => isForced(pattern, { name, range }, from));
    const wanted = typeof forced?.[1] === "string" ? forced[1] : range;
    const plain = find(`${name}@${wanted}`);
    const found =
      plain.length > 0 || !berry || /^[a-z]+:/.test(wanted) ? plain : find(`${name}@npm:${wanted}`);
    if (found.length > 0) return found;
    const local = byName.get(name);
    return local ? [importerKeys(local.dir).shipped] : [wholeLockfile];
  };
}

/** `resolutions` of the root: `name`, `name@range`, `parent/name`, `**\/name`. */
function isForced(pattern: string, { name, range }: Descriptor, from: Block | null): boolean {
  const path = pattern.replace(/^\*\*\//, "");
  if (path === name || path === `${name}@${range}` || path === `${name}@npm:${range}`) return true;
  if (!path.endsWith(`/${name}`) || !from) return false;
  const parent = path.slice(0, -name.length - 1).replace(/\/\*\*$/, "");
  return parent === nameOf(from.descriptors[0] ?? "");
}

function isWorkspaceBlock(block: Block): boolean {
  return keyOf(block).includes("@workspace:");
}

/** A package of the workspace may be asked for by range: its own descriptor says that it is one. */
function keyOf({ descriptors }: Block): string {
  return (
    descriptors.find((each) => each.includes("@workspace:") && !/@workspace:[*^~]$/.test(each)) ??
    descriptors[0] ??
    ""
  );
}

/** `typescript@patch:typescript@npm%3A^5.0.0#…` -> `typescript@npm:^5.0.0`. */
function patched(descriptor: string): string | null {
  const inner = /@patch:([^#]+)#/.exec(descriptor)?.[1];
  return inner === undefined
    ? null
    : inner.replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%40", "@");
}

function nameOf(descriptor: string): string {
  return descriptor.slice(0, descriptor.indexOf("@", 1));
}

/** Blocks begin at the margin with `"a@^1", b@^2:`; fields stand at two spaces, dependencies at four. */
function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { descriptors: readonly string[]; lines: string[]; needs: Descriptor[] } | null = null;
  let field = "";
  for (const line of text.split("\n")) {
    const trimmed = line.trimEnd();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    if (!trimmed.startsWith(" ")) {
      if (open) blocks.push({ ...open, text: open.lines.join("\n") });
      open = null;
      field = "";
      if (!trimmed.startsWith("__metadata"))
        open = { descriptors: descriptorsOf(trimmed), lines: [trimmed], needs: [] };
      continue;
    }
    if (!open) continue;
    open.lines.push(trimmed);
    if (!trimmed.startsWith("   ")) field = trimmed.trim();
    else if (needFields.has(field)) {
      const need = needOf(trimmed.trim());
      if (need) open.needs.push(need);
    }
  }
  if (open) blocks.push({ ...open, text: open.lines.join("\n") });
  return blocks;
}

const needFields = new Set(["dependencies:", "optionalDependencies:"]);

function descriptorsOf(line: string): readonly string[] {
  return line
    .replace(/:$/, "")
    .split(/,\s*/)
    .map((each) => each.replaceAll(/^"|"$/g, ""));
}

/** `name "range"` (Classic) or `name: range` (Berry), both with quotes where needed. */
function needOf(line: string): Descriptor | null {
  const match = /^(?:"([^"]+)"|([^\s:"]+)):?\s+(?:"([^"]*)"|(.*))$/.exec(line);
  const name = match?.[1] ?? match?.[2];
  return match && name !== undefined ? { name, range: match[3] ?? match[4] ?? "" } : null;
}
