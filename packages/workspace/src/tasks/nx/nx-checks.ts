import { isRecord, type Problem } from "@slipway/kernel";
import { matchNxProjects, type ProjectIdentity } from "./match-nx-projects.ts";
import type { Config, NxTarget } from "./nx-target.ts";

interface Checked {
  readonly name: string;
  readonly target: NxTarget;
  readonly project: ProjectIdentity & { readonly manifest: Config };
}

/** What nx refuses of a target when it plans or runs it: the run that has it in its plan cannot begin. */
export function targetFaults({ name, target, project }: Checked): readonly Problem[] {
  const { config, sources } = target;
  const at = (key: string, words: string, hint?: string): Problem =>
    located(sources[key], `${words}, in "${name}" of ${project.projectName}`, hint);
  const found: Problem[] = [];
  for (const key of ["dependsOn", "inputs", "outputs"] as const) {
    const value = config[key];
    if (value === undefined || Array.isArray(value)) continue;
    found.push(
      at(key, `"${key}" must be a list`, typeof value === "string" ? `Write ["${value}"].` : undefined),
    );
  }
  for (const key of ["cache", "continuous", "parallelism"] as const) {
    const value = config[key];
    if (value === undefined || typeof value === "boolean") continue;
    const hint = value === "true" || value === "false" ? `Write ${value} without quotes.` : undefined;
    found.push(at(key, `"${key}" must be true or false`, hint));
  }
  for (const entry of listOf(config["dependsOn"])) {
    if (typeof entry === "string" || (isRecord(entry) && typeof entry["target"] === "string")) continue;
    found.push(at("dependsOn", `${JSON.stringify(entry)} in "dependsOn" has no target`));
  }
  for (const entry of listOf(config["outputs"])) {
    if (typeof entry !== "string")
      found.push(at("outputs", `${JSON.stringify(entry)} in "outputs" is no path`));
    else if (isOfWholeRoot(entry)) {
      const words = `"${entry}" in "outputs" is a glob of the whole root, which nx refuses`;
      found.push(at("outputs", words, "Name a folder before it."));
    }
  }
  for (const entry of listOf(config["inputs"])) {
    if (typeof entry !== "string" && !isRecord(entry))
      found.push(at("inputs", `${JSON.stringify(entry)} in "inputs" is no input`));
  }
  const wrong = executorFault(config, project);
  return wrong ? [...found, at(wrong.key, wrong.words, wrong.hint)] : found;
}

/** Tokens are no globs here, though nx 24 takes them for some: earlier ones did not. */
function isOfWholeRoot(output: string): boolean {
  const [, rest] = /^!?\{workspaceRoot\}\/?(.*)$/.exec(output) ?? [];
  const [first = ""] = (rest ?? "").replaceAll(/\{(?:project|options)[^{}]*\}/g, "x").split("/");
  return /[*?[{(]/.test(first);
}

interface Wrong {
  readonly key: string;
  readonly words: string;
  readonly hint?: string;
}

function executorFault(config: Config, { manifest }: Checked["project"]): Wrong | null {
  const { executor } = config;
  const options = isRecord(config["options"]) ? config["options"] : {};
  if (executor === undefined) return null;
  if (typeof executor !== "string" || !executor.includes(":")) {
    const words = `${JSON.stringify(executor)} is no executor`;
    return {
      key: "executor",
      words,
      hint: `An executor is written "package:executor", as "nx:run-commands".`,
    };
  }
  if (executor === "nx:run-commands") return commandFault(config, options);
  const { script } = options;
  const scripts = manifest["scripts"];
  if (executor !== "nx:run-script" || typeof script !== "string" || !isRecord(scripts)) return null;
  if (Object.hasOwn(scripts, script)) return null;
  return { key: "options", words: `there is no script "${script}" in the package.json beside it` };
}

function commandFault(config: Config, options: Config): Wrong | null {
  const { command, commands } = options;
  const others = Object.values(isRecord(config["configurations"]) ? config["configurations"] : {});
  const isLate = others.some((each) => isRecord(each) && (each["command"] ?? each["commands"]) !== undefined);
  if (command !== undefined && commands !== undefined) {
    const hint = "Keep one of them: nx:run-commands refuses both.";
    return { key: "options", words: `"command" and "commands" stand side by side`, hint };
  }
  if (commands !== undefined && !Array.isArray(commands)) {
    return {
      key: "options",
      words: `"commands" must be a list`,
      hint: `One line alone is written "command".`,
    };
  }
  if ((command ?? commands) !== undefined || isLate) return null;
  return { key: "options", words: `nx:run-commands has neither "command" nor "commands"` };
}

/** What nx warns of when it plans a target, or refuses since version 16 though it can be read. */
export function targetRemarks(
  { name, target, project }: Checked,
  outputs: readonly string[],
  projects: readonly ProjectIdentity[],
): readonly Problem[] {
  const { config, sources } = target;
  const at = (key: string, words: string, hint?: string): Problem =>
    located(sources[key], `${words}, in "${name}" of ${project.projectName}`, hint);
  const unmatched = listOf(config["dependsOn"]).flatMap((entry) => {
    const patterns = isRecord(entry) ? patternsOf(entry["projects"]) : [];
    if (patterns.length === 0 || matchNxProjects(patterns, projects).length > 0) return [];
    return [
      at(
        "dependsOn",
        `no project is called ${patterns.join(", ")} or matches it, so "dependsOn" asks for nothing`,
      ),
    ];
  });
  const unrooted = listOf(config["outputs"]).flatMap((entry) => {
    const remark = typeof entry === "string" ? outputRemark(entry) : null;
    return remark ? [at("outputs", remark.words, remark.hint)] : [];
  });
  const outside = outputs.find((each) => each.startsWith("../"));
  const left = `"outputs" lead out of the repository (${outside}), so its results are not stored`;
  return [...unmatched, ...unrooted, ...(outside === undefined ? [] : [at("outputs", left)])];
}

function outputRemark(output: string): Omit<Wrong, "key"> | null {
  const bare = output.replace(/^!/, "");
  if (bare.startsWith("{")) return null;
  const from = /^\.\.?\//.test(bare) ? "project" : "root";
  const words = `"${output}" in "outputs" begins with neither "{projectRoot}" nor "{workspaceRoot}": it is taken from the ${from}, nx refuses it since 16`;
  const plain = bare.replace(/^\.?\/+/, "");
  return { words, hint: `Write "{projectRoot}/${plain}" or "{workspaceRoot}/${plain}".` };
}

/** `self` and `dependencies` are no projects' names. */
function patternsOf(projects: unknown): readonly string[] {
  if (projects === "self" || projects === "dependencies") return [];
  return typeof projects === "string" ? [projects] : listOf(projects).map(String);
}

/** @param source `project.json:12`, as fields have it */
export function located(source: string | undefined, message: string, hint?: string): Problem {
  const [file, line] = (source ?? "nx.json").split(/[: ]/);
  const number = Number(line);
  return {
    code: "config/malformed",
    message,
    ...(file ? { file } : {}),
    ...(number > 0 ? { line: number } : {}),
    ...(hint === undefined ? {} : { hint }),
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
