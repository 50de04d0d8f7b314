import { isRecord, type Graph, type PackageName } from "@slipway/kernel";
import type { Findings } from "../../parse/findings.ts";
import type { ReadPackage } from "../../packages/read-packages.ts";
import { nxPresetName, type WorkspaceTexts } from "../../texts.ts";
import type { TaskConfiguration, TaskRule, WorkspacePackage } from "../../types.ts";
import { readReadyWhen } from "../ready-when.ts";
import { ruleOf } from "../rule.ts";
import { nxAction, withTokens } from "./nx-action.ts";
import { located, targetFaults, targetRemarks } from "./nx-checks.ts";
import { readNxJson, type NxFile } from "./nx-file.ts";
import { checkNames } from "./nx-names.ts";
import { nxSettings } from "./nx-settings.ts";
import { nxGraphNeed, readNxGraph } from "./nx-graph.ts";
import { nxInputs, type NxInputContext } from "./nx-inputs.ts";
import { nxNeeds, type NxNeedContext } from "./nx-needs.ts";
import { nxOutputs, nxOutputSpec } from "./nx-outputs.ts";
import { withProjects } from "./nx-packages.ts";
import { nxProjects, record, strings, type NxProject } from "./nx-projects.ts";
import { mergeTargets, type Config, type NxTarget } from "./nx-target.ts";
import { targetDefault } from "./target-defaults.ts";

/** What nx's files add to the manifests: rules, and packages with their tags, names and implicit edges. */
export interface NxReading {
  readonly rules: Omit<TaskConfiguration, "source" | "because" | "others">;
  readonly packages: readonly WorkspacePackage[];
}

/** Reads nx.json, project.json files and the `nx` fields of manifests. */
export function readNx(
  texts: WorkspaceTexts,
  manifests: { readonly read: readonly ReadPackage[]; readonly packages: readonly WorkspacePackage[] },
  findings: Findings,
): NxReading | null {
  const nxJson = readNxJson(texts, findings);
  if (!nxJson) return null;
  const warn = (message: string): void => {
    findings.warnings.push({ code: "config/malformed", message, file: "nx.json" });
  };
  const own = nxProjects(texts, manifests.read, findings);
  const graph = texts.nxGraph === undefined ? null : readNxGraph(texts.nxGraph, own);
  if (!graph && nxGraphNeed(texts) !== "none") {
    warn("nx was not asked: targets that its plugins infer and edges from imports are missing");
  }
  const preset = nxPresetName(texts);
  if (preset !== null && !nxJson.base) {
    const message = `"extends" names ${preset}, which is not there: what it says of namedInputs and targetDefaults is missing`;
    findings.warnings.push({ ...located("nx.json", message), line: nxJson.document.lineOf(["extends"]) });
  }
  const projects = graph?.projects ?? own;
  const packages = withProjects({ packages: manifests.packages, projects, edges: graph?.edges ?? new Map() });
  const context: Context = {
    nxJson,
    ...inputContext({ nxJson, projects, packages }),
    ...needContext(projects),
    // What a preset that is not there would define is missed by many targets at once.
    isWhole: preset === null || nxJson.base !== undefined,
  };
  checkNames({ nxJson, projects, isWhole: graph !== null || nxGraphNeed(texts) === "none" }, findings);
  const declaredIn = ["nx.json", ...(nxJson.base ? [nxJson.base.file] : [])];
  return {
    packages,
    rules: {
      rules: projects.flatMap((project) => projectRules(project, context)),
      ...(nxJson.base ? { declaredIn } : {}),
      ...nxSettings(nxJson),
      follows: [
        "dependencies",
        "devDependencies",
        "optionalDependencies",
        "peerDependencies",
        "import",
        "implicit",
      ],
      envMode: "filtered",
      global: {
        files: [...declaredIn, ".nxignore", "tsconfig.base.json"],
        env: [],
        passThroughEnv: [],
        values: {},
      },
    },
  };
}

type Context = NxInputContext & NxNeedContext & { readonly nxJson: NxFile; readonly isWhole: boolean };

function projectRules(project: NxProject, context: Context): TaskRule[] {
  return [...project.targets].flatMap(([name, layers]) => {
    const own = layers.reduce<NxTarget | null>((base, next) => mergeTargets(base, next), null);
    if (!own) return [];
    const lowest = project.isResolved ? null : targetDefault(context.nxJson, { name, own, project });
    const merged = layers.reduce((base, next) => mergeTargets(base, next), lowest) ?? own;
    const config = withTokens(merged.config, project);
    if (!config["executor"] && !(Array.isArray(config["dependsOn"]) && config["dependsOn"].length > 0))
      return [];
    return [nxRule({ project, name, target: { ...merged, config } }, context)];
  });
}

interface NamedTarget {
  readonly project: NxProject;
  readonly name: string;
  readonly target: NxTarget;
}

function nxRule({ project, name, target }: NamedTarget, context: Context): TaskRule {
  const { config, sources } = target;
  const persistent = config["continuous"] === true;
  const ready = persistent ? readReadyWhen(config["readyWhen"]) : null;
  const { inputs, faults: unread } = nxInputs(project, config["inputs"], context);
  const outputs = outputsOf({ project, name, target });
  const unclear = unread.map((each) =>
    located(sources["inputs"], `${each}, in "${name}" of ${project.projectName}`),
  );
  const faults = [...targetFaults({ project, name, target }), ...(context.isWhole ? unclear : [])];
  const remarks = [
    ...targetRemarks({ project, name, target }, outputs, context.projects),
    ...(context.isWhole ? [] : unclear),
    ...(typeof ready === "string" ? [located(sources["readyWhen"], ready)] : []),
  ];
  const configurations = record(config["configurations"]);
  const { defaultConfiguration } = config;
  return ruleOf({
    package: project.name,
    task: name,
    action: nxAction({ name, config }),
    dependsOn: list(config["dependsOn"]).flatMap((entry) => nxNeeds(entry, project, context)),
    // What lies outside of the repository can't be put back.
    cache:
      (config["cache"] ?? isLegacyCacheable(context.nxJson, name)) === true &&
      !outputs.some((each) => each.startsWith("../")),
    persistent,
    ...(ready !== null && typeof ready !== "string" ? { readyWhen: ready } : {}),
    parallelism: config["parallelism"] !== false,
    declaredInputs: list(config["inputs"] ?? ["default", "^default"]).map(written),
    declaredOutputs: list(config["outputs"]).length > 0 ? list(config["outputs"]).map(written) : outputs,
    inputs: { ...inputs, values: { ...inputs.values, target: hashedConfig(config) } },
    outputs: nxOutputSpec(outputs),
    configurations: Object.keys(configurations),
    defaultConfiguration: typeof defaultConfiguration === "string" ? defaultConfiguration : null,
    byConfiguration: Object.fromEntries(
      Object.entries(configurations).map(([each, options]) => [
        each,
        variant({ project, name, target }, record(options)),
      ]),
    ),
    ...(faults.length > 0 ? { faults } : {}),
    ...(remarks.length > 0 ? { remarks } : {}),
    sources,
  });
}

function variant(named: NamedTarget, overrides: Config): NonNullable<TaskRule["byConfiguration"]>[string] {
  const { project, name, target } = named;
  const config = { ...target.config, options: { ...record(target.config["options"]), ...overrides } };
  const outputs = outputsOf({ project, name, target: { ...target, config } });
  return { action: nxAction({ name, config }), outputs: nxOutputSpec(outputs) };
}

function outputsOf({ project, name, target }: NamedTarget): readonly string[] {
  const { config } = target;
  return nxOutputs(project, { name, outputs: config["outputs"], options: record(config["options"]) });
}

/** The part of a target that says what is done: what only orders or describes tasks changes no result. */
function hashedConfig(config: Config): Config {
  const {
    dependsOn: _needs,
    metadata: _metadata,
    inputs: _inputs,
    cache: _cache,
    readyWhen: _ready,
    ...rest
  } = config;
  return rest;
}

/** `cacheableOperations`, as before nx 17. */
function isLegacyCacheable(nxJson: NxFile, name: string): boolean {
  const runner = record(record(nxJson.value["tasksRunnerOptions"])["default"]);
  return strings(record(runner["options"])["cacheableOperations"]).includes(name);
}

function inputContext({
  nxJson,
  projects,
  packages,
}: {
  readonly nxJson: NxFile;
  readonly projects: readonly NxProject[];
  readonly packages: readonly WorkspacePackage[];
}): NxInputContext {
  const graph = new Map(packages.map((each) => [each.name, followed(each)]));
  const byName = new Map(projects.map((each) => [each.name, each]));
  return {
    namedInputs: record(nxJson.value["namedInputs"]),
    projects,
    reachOf: reachIn(graph, byName),
    gathered: new Map(),
  };
}

function followed({ edges }: WorkspacePackage): PackageName[] {
  return edges.filter(({ fromRegistry }) => !fromRegistry).map(({ to }) => to);
}

/** A project with all that it depends on: one list for all projects that reach each other. */
function reachIn(graph: Graph, byName: ReadonlyMap<PackageName, NxProject>): NxInputContext["reachOf"] {
  const names = new Map<PackageName, ReadonlySet<PackageName>>();
  const lists = new Map<ReadonlySet<PackageName>, readonly NxProject[]>();
  const reached = (start: PackageName): ReadonlySet<PackageName> => {
    const seen = new Set([start]);
    for (const node of seen) {
      const other = names.get(node);
      if (other?.has(start)) return other;
      for (const next of graph.get(node) ?? []) seen.add(next);
    }
    return seen;
  };
  return ({ name }) => {
    const set = names.get(name) ?? reached(name);
    names.set(name, set);
    const found = lists.get(set) ?? [...set].flatMap((each) => byName.get(each) ?? []);
    lists.set(set, found);
    return found;
  };
}

function needContext(projects: readonly NxProject[]): Omit<NxNeedContext, "projects"> {
  return {
    byProjectName: new Map(projects.map((each) => [each.projectName, each])),
    targetNames: [...new Set(projects.flatMap((each) => [...each.targets.keys()]))],
  };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function written(value: unknown): string {
  return typeof value === "string" ? value : isRecord(value) ? JSON.stringify(value) : String(value);
}
