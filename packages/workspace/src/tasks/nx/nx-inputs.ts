import { isRecord } from "@slipway/kernel";
import type { FileSelector, InputSpec } from "../../types.ts";
import { anchored, noInputs } from "../rule.ts";
import { merge, newGathered, type Gathered } from "./gathered-inputs.ts";
import { matchNxProjects } from "./match-nx-projects.ts";
import type { NxProject } from "./nx-projects.ts";
import type { Config } from "./nx-target.ts";

export interface NxInputContext {
  /** `namedInputs` of nx.json. */
  readonly namedInputs: Config;
  readonly projects: readonly NxProject[];
  /** A project and all that it depends on, directly or not; the same list for projects that reach each other. */
  reachOf(project: NxProject): readonly NxProject[];
  /** What lists of inputs stand for, by project or by reach: most targets share theirs, and so do dependents. */
  readonly gathered: Map<NxProject | readonly NxProject[], Map<string, Gathered>>;
}

const defaultInputs = ["default", "^default"];

/**
 * nx's `inputs` of one target: `^` takes a named input or fileset of all projects that this one depends on, each by its
 * own definition of the name.
 */
export function nxInputs(
  project: NxProject,
  inputs: unknown,
  context: NxInputContext,
): { readonly inputs: InputSpec; readonly faults: readonly string[] } {
  const list: readonly unknown[] = Array.isArray(inputs) ? inputs : defaultInputs;
  const gathered = known([project, `all ${JSON.stringify(list)}`], context, () =>
    gatheredInputs({ project, inputs: list }, context),
  );
  const spec: InputSpec = {
    ...noInputs,
    files: gathered.selectors,
    env: [...gathered.env],
    runtime: [...gathered.runtime],
    dependencyOutputs: gathered.dependencyOutputs,
    dependencyFingerprints: false,
    json: gathered.json,
    external: gathered.namesExternal ? [...gathered.external] : "closure",
    values: gathered.workingDirectory ? { workingDirectory: true } : {},
  };
  return { inputs: spec, faults: [...gathered.faults] };
}

function gatheredInputs({ project, inputs }: ProjectInputs, context: NxInputContext): Gathered {
  const whole = sameForAll(inputs);
  if (whole) {
    const found = ofReach({ project, input: whole.input }, context);
    if (whole.facts.length === 0) return found;
    const facts = gatheredOf({ project, inputs: whole.facts }, context);
    const both = newGathered();
    merge(both, { ...found, selectors: [] });
    merge(both, facts);
    return { ...both, selectors: found.selectors };
  }
  const gathered = newGathered();
  const own: unknown[] = [];
  for (const input of inputs) if (!addForOthers(gathered, { project, input }, context)) own.push(input);
  merge(gathered, gatheredOf({ project, inputs: own }, context));
  return gathered;
}

/**
 * `["production", "^production", ...facts]`: what counts of the project itself is what counts of the others, so one list
 * of files does for all. Null for other lists: a project's own filesets and negations act on each other.
 */
function sameForAll(inputs: readonly unknown[]): { readonly input: string; readonly facts: Config[] } | null {
  const facts = inputs.filter((each) => isRecord(each) && !otherProjects(each) && isFact(each)) as Config[];
  const names = inputs.filter((each) => !facts.includes(each as Config));
  const [own] = names.filter((each) => typeof each === "string" && !each.startsWith("^"));
  if (names.length !== 2 || typeof own !== "string" || !names.includes(`^${own}`)) return null;
  return own.startsWith("!") ? null : { input: own, facts };
}

function isFact({ input, fileset }: Config): boolean {
  return input === undefined && fileset === undefined;
}

/** What one input stands for in a project and in all that it depends on. */
function ofReach({ project, input }: OneInput, context: NxInputContext): Gathered {
  const reach = context.reachOf(project);
  return known([reach, JSON.stringify([input])], context, () => {
    const gathered = newGathered();
    for (const other of reach) merge(gathered, gatheredOf({ project: other, inputs: [input] }, context));
    return gathered;
  });
}

interface OneInput {
  readonly project: NxProject;
  readonly input: unknown;
}

/** True when the input speaks of other projects than the task's own. */
function addForOthers(gathered: Gathered, { project, input }: OneInput, context: NxInputContext): boolean {
  const form = otherProjects(input);
  if (!form) return false;
  if (form.projects) {
    for (const other of matchNxProjects(form.projects, context.projects)) {
      merge(gathered, gatheredOf({ project: other, inputs: [form.input] }, context));
    }
  } else merge(gathered, ofDependencies({ project, input: form.input }, context));
  return true;
}

/** What one input stands for in all projects that this one depends on: its targets mostly ask for the same. */
function ofDependencies({ project, input }: OneInput, context: NxInputContext): Gathered {
  const inputs = [input];
  return known([project, `^${JSON.stringify(inputs)}`], context, () => {
    const gathered = newGathered();
    // What the project itself does not define cannot be asked of it.
    const isOwn = typeof input !== "string" || namedInput(input, project, context) !== null;
    const whole = isOwn ? ofReach({ project, input }, context) : null;
    if (whole && !whole.namesFacts) {
      const own = new Set(gatheredOf({ project, inputs }, context).selectors);
      merge(gathered, { ...whole, selectors: [] });
      return { ...gathered, selectors: whole.selectors.filter((each) => !own.has(each)) };
    }
    for (const other of context.reachOf(project)) {
      if (other !== project) merge(gathered, gatheredOf({ project: other, inputs }, context));
    }
    return gathered;
  });
}

interface OtherProjects {
  readonly input: unknown;
  /** Null: the projects that this one depends on. */
  readonly projects: readonly string[] | null;
}

function otherProjects(input: unknown): OtherProjects | null {
  if (typeof input === "string")
    return input.startsWith("^") ? { input: input.slice(1), projects: null } : null;
  if (!isRecord(input)) return null;
  const { dependencies, projects, ...rest } = input;
  if (Array.isArray(projects)) return { input: rest["input"], projects: projects.map(String) };
  if (typeof projects === "string" && projects !== "self") {
    return { input: rest["input"], projects: projects === "dependencies" ? null : [projects] };
  }
  if (dependencies !== true || rest["dependentTasksOutputFiles"] !== undefined) return null;
  return { input: rest["fileset"] === undefined ? rest["input"] : rest, projects: null };
}

interface ProjectInputs {
  readonly project: NxProject;
  readonly inputs: readonly unknown[];
}

function known(
  [of, key]: readonly [of: NxProject | readonly NxProject[], key: string],
  { gathered }: NxInputContext,
  find: () => Gathered,
): Gathered {
  const before = gathered.get(of) ?? new Map<string, Gathered>();
  gathered.set(of, before);
  const found = before.get(key) ?? find();
  before.set(key, found);
  return found;
}

function gatheredOf(own: ProjectInputs, context: NxInputContext): Gathered {
  return known([own.project, JSON.stringify(own.inputs)], context, () => newlyGathered(own, context));
}

function newlyGathered({ project, inputs }: ProjectInputs, context: NxInputContext): Gathered {
  const gathered = newGathered();
  const filesets: Fileset[] = [];
  for (const input of expanded({ project, inputs }, context, { open: new Set(), faults: gathered.faults })) {
    const fileset = typeof input === "string" ? input : input["fileset"];
    if (typeof fileset !== "string") {
      addFact(gathered, { project, input });
      continue;
    }
    if (!/^!?\{(?:workspaceRoot|projectRoot)\}/.test(fileset)) {
      const what =
        typeof input === "string" ? `"${fileset}" is defined nowhere as a named input` : `"${fileset}"`;
      gathered.faults.add(`${what} and begins with neither "{projectRoot}" nor "{workspaceRoot}"`);
    }
    const isIncluded = typeof input !== "string" && input["includeIgnored"] === true;
    const always = typeof input !== "string" && input["always"] === true;
    filesets.push({ glob: fileset, ignored: isIncluded ? "include" : "respect", always });
  }
  gathered.selectors.push(...selectors(project, filesets));
  return gathered;
}

interface Fileset {
  readonly glob: string;
  readonly ignored: FileSelector["ignored"];
  /** True: no negation takes it away. */
  readonly always: boolean;
}

function selectors(project: NxProject, filesets: readonly Fileset[]): FileSelector[] {
  const rooted = filesets.map((each) => ({ ...each, glob: interpolated(each.glob, project) }));
  const exclude = rooted.filter(({ glob }) => glob.startsWith("!")).map(({ glob }) => glob.slice(1));
  const include = (ignored: FileSelector["ignored"], always: boolean): readonly string[] =>
    rooted
      .filter((each) => !each.glob.startsWith("!") && each.ignored === ignored && each.always === always)
      .map(({ glob }) => glob);
  const made: FileSelector[] = [
    { include: include("respect", false), exclude, ignored: "respect" },
    { include: include("include", false), exclude, ignored: "include" },
    { include: include("respect", true), exclude: [], ignored: "respect" },
    { include: include("include", true), exclude: [], ignored: "include" },
  ];
  return made.filter((each) => each.include.length > 0);
}

function addFact(gathered: Gathered, { project, input }: OneInput): void {
  if (!isRecord(input)) return;
  gathered.namesFacts = true;
  const { env, runtime, externalDependencies, dependentTasksOutputFiles: outputs, json } = input;
  if (typeof env === "string") gathered.env.add(env);
  else if (typeof runtime === "string") gathered.runtime.add(runtime);
  else if (Array.isArray(externalDependencies)) {
    gathered.namesExternal = true;
    for (const name of externalDependencies) gathered.external.add(String(name));
  } else if (typeof outputs === "string") {
    gathered.dependencyOutputs.push({
      globs: [outputs],
      transitive: input["transitive"] === true,
      from: null,
    });
  } else if (typeof json === "string") {
    const fields = Array.isArray(input["fields"]) ? input["fields"].map(String) : null;
    const excludeFields = Array.isArray(input["excludeFields"]) ? input["excludeFields"].map(String) : [];
    gathered.json.push({ path: interpolated(json, project), fields, excludeFields });
  } else if (input["workingDirectory"] !== undefined) gathered.workingDirectory = true;
  else gathered.faults.add(`the input ${JSON.stringify(input)} has no form that nx knows`);
}

/** Names replaced by what they stand for, until only filesets and facts are left. */
function expanded(
  { project, inputs }: ProjectInputs,
  context: NxInputContext,
  { open, faults }: { readonly open: ReadonlySet<string>; readonly faults: Set<string> },
): readonly (string | Config)[] {
  return inputs.flatMap((input): readonly (string | Config)[] => {
    const name = typeof input === "string" ? input : isRecord(input) ? input["input"] : null;
    if (typeof name !== "string") return isRecord(input) ? [input] : [];
    const named = namedInput(name, project, context);
    if (named && !open.has(name))
      return expanded({ project, inputs: named }, context, { open: new Set([...open, name]), faults });
    if (!named && typeof input === "string" && /[{}/*!.]/.test(input)) return [input];
    faults.add(
      named ? `the named input "${name}" stands for itself` : `the input "${name}" is defined nowhere`,
    );
    return [];
  });
}

function namedInput(name: string, project: NxProject, context: NxInputContext): readonly unknown[] | null {
  for (const inputs of [project.namedInputs, context.namedInputs]) {
    const found = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (Array.isArray(found)) return found;
  }
  return name === "default" ? ["{projectRoot}/**/*"] : null;
}

function interpolated(glob: string, project: NxProject): string {
  const negation = glob.startsWith("!") ? "!" : "";
  const plain = glob
    .slice(negation.length)
    .replace(/^\{workspaceRoot\}\/?/, "")
    .replaceAll("{projectName}", project.projectName);
  const rooted = plain.startsWith("{projectRoot}")
    ? anchored(project.dir, plain.replace(/^\{projectRoot\}\/?/, "") || "**")
    : plain;
  return `${negation}${rooted}`;
}
