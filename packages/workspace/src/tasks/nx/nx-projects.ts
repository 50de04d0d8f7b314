import { isRecord, type PackageName, type Problem, type RelativePath } from "@slipway/kernel";
import { noFindings, type Findings } from "../../parse/findings.ts";
import { parseJson } from "../../parse/json-document.ts";
import type { ReadPackage } from "../../packages/read-packages.ts";
import type { WorkspaceTexts } from "../../texts.ts";
import { fieldSources, readNxFile, type NxFile } from "./nx-file.ts";
import { shapeFaults } from "./nx-shapes.ts";
import { withoutSugar, type Config, type NxTarget } from "./nx-target.ts";

/** An nx project before its targets meet the defaults of nx.json. */
export interface NxProject {
  /** The name of its package, or its own where it has no manifest. */
  readonly name: PackageName;
  /** As nx calls it. */
  readonly projectName: string;
  readonly dir: RelativePath;
  readonly manifest: Config;
  readonly tags: readonly string[];
  readonly implicitDependencies: readonly string[];
  readonly namedInputs: Config;
  /** Of each target its layers, the lowest first: the script, package.json's `nx`, project.json. */
  readonly targets: ReadonlyMap<string, readonly NxTarget[]>;
  /** Where its name and what it implicitly depends on are written: `project.json:2`. */
  readonly places: Readonly<Record<"name" | "implicitDependencies", string>>;
  /** True: nx itself said so, its defaults and plugins already merged in. */
  readonly isResolved?: boolean;
}

/** Every project: packages of the workspace, directories with a project.json, and the root where it says that it is one. */
export function nxProjects(
  texts: WorkspaceTexts,
  packages: readonly ReadPackage[],
  findings: Findings,
): readonly NxProject[] {
  const byDir = new Map(packages.map((each) => [each.dir, each]));
  const projectDirs = [...texts.files.keys()]
    .filter((path) => path === "project.json" || path.endsWith("/project.json"))
    .map((path) => path.slice(0, -"/project.json".length));
  const dirs = [...new Set([...byDir.keys(), ...projectDirs])].toSorted();
  return dirs.flatMap((dir) => {
    const file = readNxFile(dir === "" ? "project.json" : `${dir}/project.json`, texts, findings);
    const owner = byDir.get(dir) ?? (dir === "" ? null : nameless(dir, texts));
    if (dir === "" && !file && !isRecord(owner?.manifest["nx"])) return [];
    findings.problems.push(...wrongShapes({ dir, owner, file }));
    return file || owner ? [nxProject({ dir, owner, file })] : [];
  });
}

function wrongShapes({ owner, file }: Sources): readonly Problem[] {
  const nx = owner?.manifest["nx"];
  return [
    ...(file ? shapeFaults({ ...file, path: [] }) : []),
    ...(owner && isRecord(nx) ? shapeFaults({ ...owner, path: ["nx"], value: nx }) : []),
  ];
}

/** A manifest without a name is no package, but beside a project.json it has scripts and keywords. */
function nameless(dir: RelativePath, texts: WorkspaceTexts): ReadPackage | null {
  const file = `${dir}/package.json`;
  const source = { file, text: texts.files.get(file) ?? "", code: "workspace/bad-manifest" } as const;
  const document = source.text === "" ? null : parseJson(source, "json", noFindings());
  if (!document || !isRecord(document.value)) return null;
  return { name: "", dir, file, manifest: document.value, document };
}

interface Sources {
  readonly dir: RelativePath;
  readonly owner: ReadPackage | null;
  readonly file: NxFile | null;
}

function nxProject({ dir, owner, file }: Sources): NxProject {
  const manifest = owner?.manifest ?? {};
  const nx = isRecord(manifest["nx"]) ? manifest["nx"] : {};
  const own = file?.value ?? {};
  const declared = text(own["name"]) ?? text(nx["name"]) ?? text(manifest["name"]);
  const projectName = declared ?? (dir.split("/").at(-1) ?? "").toLowerCase();
  const targets = owner ? manifestTargets(owner, own) : new Map<string, readonly NxTarget[]>();
  if (file) {
    for (const [name, target] of targetsIn(file, ["targets"], own["targets"])) {
      targets.set(name, [...(targets.get(name) ?? []), target]);
    }
  }
  return {
    name: owner?.name || projectName,
    projectName,
    dir,
    manifest,
    tags: [...(owner ? manifestTags(manifest) : []), ...strings(nx["tags"]), ...strings(own["tags"])],
    implicitDependencies: [...strings(nx["implicitDependencies"]), ...strings(own["implicitDependencies"])],
    namedInputs: { ...record(nx["namedInputs"]), ...record(own["namedInputs"]) },
    targets,
    places: {
      name: placeOf("name", { dir, owner, file }),
      implicitDependencies: placeOf("implicitDependencies", { dir, owner, file }),
    },
  };
}

function placeOf(key: string, { dir, owner, file }: Sources): string {
  if (file && (Object.hasOwn(file.value, key) || !owner))
    return `${file.file}:${file.document.lineOf([key])}`;
  if (!owner) return dir;
  const isInNx = isRecord(owner.manifest["nx"]) && Object.hasOwn(owner.manifest["nx"], key);
  return `${owner.file}:${owner.document.lineOf(isInNx ? ["nx", key] : [key])}`;
}

/** Scripts are targets; `nx.targets` merges over them, or replaces one by naming how to run. */
function manifestTargets(owner: ReadPackage, projectFile: Config): Map<string, readonly NxTarget[]> {
  const { manifest } = owner;
  const nx = record(manifest["nx"]);
  const scripts = record(manifest["scripts"]);
  const included = Array.isArray(nx["includedScripts"])
    ? strings(nx["includedScripts"])
    : Object.keys(scripts);
  const targets = new Map<string, readonly NxTarget[]>();
  for (const script of included) {
    if (isReplaced(script, record(projectFile["targets"])[script])) continue;
    const source = `${owner.file}:${owner.document.lineOf(["scripts", script])}`;
    const config = { executor: "nx:run-script", options: { script } };
    targets.set(script, [{ config, sources: { executor: source, options: source } }]);
  }
  for (const [name, target] of targetsIn(owner, ["nx", "targets"], nx["targets"])) {
    const below = target.config["executor"] === undefined ? (targets.get(name) ?? []) : [];
    targets.set(name, [...below, target]);
  }
  return targets;
}

/** A project.json target that runs something else takes the place of the script with its name. */
function isReplaced(script: string, target: unknown): boolean {
  if (!isRecord(target)) return false;
  if (target["command"]) return true;
  const { executor } = target as { executor?: unknown };
  return (
    Boolean(executor) && (executor !== "nx:run-script" || record(target["options"])["script"] !== script)
  );
}

function targetsIn(
  file: Pick<NxFile, "file" | "document">,
  path: readonly string[],
  targets: unknown,
): readonly (readonly [string, NxTarget])[] {
  return Object.entries(record(targets)).flatMap(([name, config]) => {
    if (!isRecord(config)) return [];
    const sources = fieldSources(file, [...path, name], config);
    const command = sources["command"];
    const sugared =
      command === undefined ? {} : { executor: command, options: sources["options"] ?? command };
    return [[name, { config: withoutSugar(config), sources: { ...sources, ...sugared } }] as const];
  });
}

function manifestTags(manifest: Config): readonly string[] {
  const keywords = strings(manifest["keywords"]).map((keyword) => `npm:${keyword}`);
  return [manifest["private"] ? "npm:private" : "npm:public", ...keywords];
}

export function record(value: unknown): Config {
  return isRecord(value) ? value : {};
}

export function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
