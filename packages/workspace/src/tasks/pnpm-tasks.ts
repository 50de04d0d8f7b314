import { isRecord } from "@slipway/kernel";
import type { Findings } from "../parse/findings.ts";
import type { ConcurrencyLimit, TaskConfiguration, TaskNeed, TaskRule, WorkspacePackage } from "../types.ts";
import { allFiles, anchored, noInputs, ruleOf } from "./rule.ts";

type Rules = Omit<TaskConfiguration, "source" | "because" | "others">;

const file = "pnpm-workspace.yaml";

export interface PnpmTasks {
  /** pnpm-workspace.yaml as parsed. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly packages: readonly WorkspacePackage[];
}

/**
 * Rules of pnpm's own `tasks`: a script that has an entry runs by it, an entry without dependsOn needs nothing, and a
 * script without entry needs the same one of the dependencies.
 */
export function pnpmRules({ settings, packages, text }: PnpmTasks, findings: Findings): Rules {
  const tasks = isRecord(settings["tasks"]) ? settings["tasks"] : {};
  for (const [name, entry] of Object.entries(tasks)) {
    if (entry === null || isRecord(entry)) continue;
    const message = `the task "${name}" in ${file} must be a mapping`;
    findings.problems.push({ code: "config/malformed", message, file });
  }
  const sources = new Map(Object.keys(tasks).map((task) => [task, sourceOf(task, text)]));
  const source = (task: string): string => sources.get(task) ?? file;
  const groups = isRecord(settings["concurrencyGroups"]) ? settings["concurrencyGroups"] : {};
  const root = packages.length > 1 ? packages.find(({ dir }) => dir === "")?.name : undefined;
  const elsewhere = new Set(
    packages.filter(({ name }) => name !== root).flatMap(({ scripts }) => Object.keys(scripts)),
  );
  const rootOnlyByName = (rule: TaskRule): TaskRule =>
    rule.package === root && elsewhere.has(rule.task) ? { ...rule, onlyByName: true } : rule;
  const rules = packages.flatMap((owner) =>
    [...new Set([...Object.keys(owner.scripts), ...Object.keys(tasks)])].map((task) =>
      pnpmRule(
        owner,
        task,
        Object.hasOwn(tasks, task) ? { fields: tasks[task], source: source(task), groups } : null,
      ),
    ),
  );
  const { pipelineBase, workspaceConcurrency } = settings;
  return {
    // pnpm leaves the root out of what it runs everywhere, unless it is told otherwise.
    rules: settings["includeWorkspaceRoot"] === true ? rules : rules.map(rootOnlyByName),
    ...pipelinesIn(settings, findings),
    ...(isCount(workspaceConcurrency) ? { concurrency: String(workspaceConcurrency) } : {}),
    ...(typeof pipelineBase === "string" ? { baseBranch: pipelineBase } : {}),
    follows: ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"],
    envMode: "filtered",
    global: { files: [], env: [], passThroughEnv: [], values: {} },
  };
}

/** A pipeline is a list of scripts. */
function pipelinesIn(
  { pipelines }: PnpmTasks["settings"],
  findings: Findings,
): Pick<TaskConfiguration, "pipelines"> {
  if (pipelines === undefined || pipelines === null) return {};
  const entries = isRecord(pipelines) ? Object.entries(pipelines) : [];
  const bad = entries.filter(
    ([, list]) => !Array.isArray(list) || list.some((each) => typeof each !== "string"),
  );
  const faults = isRecord(pipelines) ? bad.map(([name]) => `the pipeline "${name}"`) : ['"pipelines"'];
  for (const fault of faults) {
    const is = fault.startsWith("the") ? "a list of scripts" : "a mapping of names to lists of scripts";
    findings.problems.push({ code: "config/malformed", message: `${fault} in ${file} must be ${is}`, file });
  }
  return { pipelines: Object.fromEntries(entries.map(([name, list]) => [name, strings(list)])) };
}

interface Entry {
  readonly fields: unknown;
  readonly source: string;
  /** How many tasks of each group may run at a time. */
  readonly groups: Readonly<Record<string, unknown>>;
}

function pnpmRule(owner: WorkspacePackage, task: string, entry: Entry | null): TaskRule {
  const fields = isRecord(entry?.fields) ? entry.fields : {};
  const inputs = strings(fields["inputs"]);
  const outputs = strings(fields["outputs"]);
  const needs = entry === null ? [`^${task}`] : strings(fields["dependsOn"]);
  const files = inputs.filter((glob) => !glob.startsWith("!"));
  const negated = inputs
    .filter((glob) => glob.startsWith("!"))
    .map((glob) => anchored(owner.dir, glob.slice(1)));
  return ruleOf({
    package: owner.name,
    task,
    action: Object.hasOwn(owner.scripts, task) ? { kind: "script", script: task } : null,
    dependsOn: needs.map(needOf),
    // pnpm keeps the results of tasks that say what they make, be it nothing.
    cache: Array.isArray(fields["outputs"]) && fields["cache"] !== false,
    ...(entry ? scheduling(task, fields, entry.groups) : {}),
    declaredInputs: inputs,
    declaredOutputs: outputs,
    inputs: {
      ...noInputs,
      files:
        files.length === 0
          ? allFiles(owner.dir).map((each) => ({ ...each, exclude: negated }))
          : [
              {
                include: files.map((glob) => anchored(owner.dir, glob)),
                exclude: negated,
                ignored: "include",
              },
            ],
    },
    outputs: {
      include: outputs.filter((glob) => !glob.startsWith("!")).map((glob) => anchored(owner.dir, glob)),
      exclude: outputs
        .filter((glob) => glob.startsWith("!"))
        .map((glob) => anchored(owner.dir, glob.slice(1))),
    },
    env: strings(fields["env"]),
    sources: Object.fromEntries(Object.keys(fields).map((key) => [key, entry?.source ?? file])),
  });
}

/** `concurrency` bounds the tasks of one name, a `concurrencyGroup` those of several; one that `concurrencyGroups` lacks has no bound. */
function scheduling(
  task: string,
  fields: Readonly<Record<string, unknown>>,
  groups: Entry["groups"],
): Pick<TaskRule, "limits" | "priority"> {
  const { concurrency, concurrencyGroup: group, priority } = fields;
  const limits: ConcurrencyLimit[] = [];
  if (isCount(concurrency)) limits.push({ group: `task ${task}`, max: concurrency });
  if (typeof group === "string" && group !== "") {
    const max = groups[group];
    if (isCount(max)) limits.push({ group, max });
  }
  return {
    ...(limits.length > 0 ? { limits } : {}),
    ...(typeof priority === "number" ? { priority } : {}),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}

/** The line on which a task's entry begins. */
function sourceOf(task: string, text: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => /^tasks\s*:/.test(line));
  const at = lines.findIndex(
    (line, index) =>
      index > start &&
      line
        .trim()
        .replace(/^(['"])(.*)\1/, "$2")
        .startsWith(`${task}:`),
  );
  return start === -1 || at === -1 ? file : `${file}:${at + 1}`;
}

function needOf(text: string): TaskNeed {
  if (text.startsWith("^")) return { kind: "dependencies", task: text.slice(1) };
  const at = text.indexOf("#");
  if (at === -1) return { kind: "self", task: text };
  return { kind: "package", package: text.slice(0, at), task: text.slice(at + 1) };
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
