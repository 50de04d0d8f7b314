import { isRecord, type PackageName } from "@slipway/kernel";
import { noFindings } from "../../parse/findings.ts";
import { parseJson } from "../../parse/json-document.ts";
import type { WorkspaceTexts } from "../../texts.ts";
import type { WorkspaceEdge } from "../../types.ts";
import { record, strings, type NxProject } from "./nx-projects.ts";
import type { Config, NxTarget } from "./nx-target.ts";

/**
 * What only nx itself can say, since plugins are programs: `plugins` infer targets from configuration files; with
 * `imports` what source files import can change the answer, with `sources` all that is in them, since a plugin is made in
 * the repository. A host asks the repository's own nx and keeps the answer.
 */
export type NxGraphNeed = "none" | "plugins" | "imports" | "sources";

/** Root dependencies whose presence makes nx look into source files for imports. Source: nx 24, plugins/js/utils/config. */
const importing = ["workspace", "js", "node", "next", "react", "angular", "web"].map((name) => `@nx/${name}`);

/** Of all that nx ships to extend from, this alone says something: that source files are not looked into. */
const npmPreset = "nx/presets/npm.json";

export function nxGraphNeed(texts: WorkspaceTexts): NxGraphNeed {
  const own = parsed(texts.files.get("nx.json"));
  if (!own) return "none";
  const { nxPreset } = texts;
  const nxJson = { ...(nxPreset === undefined ? {} : parsed(texts.files.get(nxPreset))), ...own };
  const plugins = Array.isArray(nxJson["plugins"]) ? nxJson["plugins"] : [];
  const js = record(nxJson["pluginsConfig"])["@nx/js"];
  const root = parsed(texts.files.get("package.json")) ?? {};
  const installed = { ...record(root["dependencies"]), ...record(root["devDependencies"]) };
  const byDefault = isRecord(js) || importing.some((name) => Object.hasOwn(installed, name));
  if (plugins.some((each) => isOwnPlugin(each, installed))) return "sources";
  const isOff = isRecord(js) ? js["analyzeSourceFiles"] === false : nxJson["extends"] === npmPreset;
  if (byDefault && !isOff) return "imports";
  return plugins.length > 0 ? "plugins" : "none";
}

/** A path, or a name that no registry answers for: its code is in the repository and changes with it. */
function isOwnPlugin(entry: unknown, installed: Config): boolean {
  const plugin = isRecord(entry) ? entry["plugin"] : entry;
  if (typeof plugin !== "string") return false;
  if (/^(?:@nx\/|nx\/)/.test(plugin)) return false;
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(plugin)?.[0] ?? plugin;
  const range = installed[name];
  return typeof range !== "string" || /^(?:workspace|file|link|portal):/.test(range);
}

function parsed(text: string | undefined): Config | null {
  if (text === undefined) return null;
  const document = parseJson({ file: "", text, code: "config/malformed" }, "jsonc", noFindings());
  return document && isRecord(document.value) ? document.value : null;
}

export interface NxGraph {
  readonly projects: readonly NxProject[];
  /** Edges that manifests do not have, by the name of the project that has them. */
  readonly edges: ReadonlyMap<string, readonly GraphEdge[]>;
}

export interface GraphEdge {
  readonly to: string;
  readonly kind: Extract<WorkspaceEdge["kind"], "import" | "implicit">;
}

/**
 * Projects as nx resolved them. What our own reading found says where each field stands; all else is a plugin's.
 *
 * @returns null when the text is no answer of `nx graph --file`
 */
export function readNxGraph(text: string, own: readonly NxProject[]): NxGraph | null {
  const graph = record(parsed(text))["graph"];
  if (!isRecord(graph) || !isRecord(graph["nodes"])) return null;
  const byDir = new Map(own.map((each) => [each.dir, each]));
  const projects = Object.values(graph["nodes"]).flatMap((node) => {
    if (!isRecord(node) || typeof node["name"] !== "string" || !isRecord(node["data"])) return [];
    const root = node["data"]["root"];
    const dir = typeof root !== "string" || root === "." ? "" : root;
    return [resolvedProject({ projectName: node["name"], dir, data: node["data"] }, byDir.get(dir))];
  });
  return { projects, edges: edgesOf(record(graph["dependencies"])) };
}

interface Node {
  readonly projectName: PackageName;
  readonly dir: string;
  readonly data: Config;
}

function resolvedProject({ projectName, dir, data }: Node, own: NxProject | undefined): NxProject {
  const targets = Object.entries(record(data["targets"])).flatMap(([name, config]) => {
    if (name === "nx-release-publish" || !isRecord(config)) return [];
    const layers = own?.targets.get(name) ?? [];
    const known = Object.assign({}, ...layers.map((each) => each.sources)) as Record<string, string>;
    const sources = Object.fromEntries(
      Object.keys(config).map((key) => [key, known[key] ?? "nx.json (plugins)"]),
    );
    const target: NxTarget = { config, sources };
    return [[name, [target]] as const];
  });
  return {
    name: own?.name ?? projectName,
    projectName,
    dir,
    manifest: own?.manifest ?? {},
    tags: strings(data["tags"]),
    implicitDependencies: [],
    namedInputs: record(data["namedInputs"]),
    targets: new Map(targets),
    places: own?.places ?? { name: "nx.json (plugins)", implicitDependencies: "nx.json (plugins)" },
    isResolved: true,
  };
}

function edgesOf(dependencies: Config): ReadonlyMap<string, readonly GraphEdge[]> {
  return new Map(
    Object.entries(dependencies).map(([source, list]) => [
      source,
      (Array.isArray(list) ? list : []).flatMap((each): readonly GraphEdge[] => {
        if (!isRecord(each) || typeof each["target"] !== "string" || each["target"].startsWith("npm:"))
          return [];
        return [{ to: each["target"], kind: each["type"] === "implicit" ? "implicit" : "import" }];
      }),
    ]),
  );
}
