import { waves, type Checked, type PackageName, type Problem, type TaskId } from "@slipway/kernel";
import {
  packageGraph,
  withForwardedOptions,
  type TaskAction,
  type TaskRule,
  type Workspace,
  type WorkspacePackage,
} from "@slipway/workspace";
import { isProblem, readAsked, unknownPackage, type AskedTask } from "./asked.ts";
import { handOn } from "./handed-on.ts";
import { indexRules, type RuleIndex } from "./rule-index.ts";
import { sharedOutputs } from "./shared-outputs.ts";
import type { PlannedTask, RunPlan, RunReason, RunRequest } from "./types.ts";
import { unmetNeeds } from "./unmet-needs.ts";
import { untangle } from "./untangle.ts";
import { walkTasks, type AskedNode, type TaskNode } from "./walk-tasks.ts";

/**
 * Decides which tasks run and what each waits for. Pure: the same workspace and request give the same plan.
 *
 * @returns all problems at once: unknown tasks and packages, tasks that wait for each other, tasks that wait for one
 *   that never ends
 */
export function planRun(workspace: Workspace, request: RunRequest): Checked<RunPlan> {
  const rules = indexRules(workspace);
  const { pipelines = {} } = workspace.tasks;
  const names = request.tasks.flatMap((text) => pipelined(text, pipelines, rules));
  const read = names.map((text) => readAsked(text, rules));
  const problems = [...read.filter(isProblem), ...unknownPackages(request, rules)];
  if (problems.length > 0) return { ok: false, problems, warnings: [] };
  const isMeant = meantBy(workspace);
  const asked = read.flatMap((one) => (isProblem(one) ? [] : askedNodes(one, request, { rules, isMeant })));
  const known = { rules, dependencies: packageGraph(workspace) };
  const nodes = walkTasks(asked, known, {
    needs: !request.only,
    asNx: workspace.tasks.source === "nx",
  });
  handOn(nodes);
  const { problem, warnings } = untangle(nodes, rules, workspace.tasks.source);
  const unmet = request.only ? [] : unmetNeeds(nodes.values(), known, workspace.tasks.source);
  const stuck = [
    ...declared("faults", nodes.values()),
    ...(problem ? [problem] : []),
    ...unmet,
    ...needsThatNeverEnd(nodes, workspace),
  ];
  if (stuck.length > 0) return { ok: false, problems: stuck, warnings };
  dropDeadEnds(nodes);
  const tasks = inOrder(nodes).map((node) => plannedTask(node, { workspace, rules, args: request.args }));
  const { source, envMode, global, concurrency } = workspace.tasks;
  const limit = concurrency === undefined ? {} : { concurrency };
  const value = { schema: 1, source, tasks, envMode, global, ...limit } as const;
  return {
    ok: true,
    value,
    warnings: [...warnings, ...declared("remarks", nodes.values()), ...sharedOutputs(nodes)],
  };
}

/** A pipeline's name stands for its tasks, unless it is the name of a task. */
function pipelined(
  text: string,
  pipelines: Readonly<Record<string, readonly string[]>>,
  rules: RuleIndex,
): readonly string[] {
  if (rules.taskNames.has(text) || !Object.hasOwn(pipelines, text)) return [text];
  return pipelines[text] ?? [];
}

function unknownPackages(request: RunRequest, rules: RuleIndex): Problem[] {
  const chosen = request.packages ?? [];
  return chosen
    .filter(({ name }) => !rules.package(name))
    .map(({ name }) => unknownPackage(name, rules.packageNames));
}

interface Meant {
  readonly rules: RuleIndex;
  /** Whether a package that has this rule is asked for the task. */
  readonly isMeant: (rule: TaskRule | undefined) => boolean;
}

function askedNodes(asked: AskedTask, request: RunRequest, { rules, isMeant }: Meant): AskedNode[] {
  const { task } = asked;
  const configuration = asked.configuration ?? request.configuration;
  const reason: RunReason = { kind: "asked", task: asked.text };
  if (asked.package !== null) {
    return [{ package: asked.package, task, configuration, because: [reason] }];
  }
  const chosen: readonly { readonly name: PackageName; readonly because: readonly RunReason[] }[] =
    request.packages ?? rules.packageNames.map((name) => ({ name, because: [] }));
  return chosen
    .filter(({ name }) => isMeant(rules.rule(name, task)))
    .map(({ name, because }) => ({ package: name, task, configuration, because: [reason, ...because] }));
}

function meantBy({ tasks }: Workspace): Meant["isMeant"] {
  return (rule) => {
    if (!rule || rule.onlyByName) return false;
    return !tasks.asksOnlyRunning || rule.action !== null;
  };
}

/** What is wrong with declarations of tasks that would run, or to be said of them: each place once. */
function declared(key: "faults" | "remarks", nodes: Iterable<TaskNode>): readonly Problem[] {
  const found = [...nodes].flatMap(({ rule }) => rule?.[key] ?? []);
  return [...new Map(found.map((each) => [`${each.file}:${each.line} ${each.message}`, each])).values()];
}

function needsThatNeverEnd(nodes: ReadonlyMap<TaskId, TaskNode>, workspace: Workspace): Problem[] {
  // nx has tasks that others wait for while they go on; turbo refuses such a need.
  if (workspace.tasks.source !== "turbo") return [];
  return [...nodes.values()].flatMap((node) =>
    [...node.needs.keys()]
      .filter((need) => isEndless(nodes.get(need)?.rule))
      .map((need) => ({
        code: "task/needs-persistent" as const,
        message: `${node.id} waits for ${need}, which is persistent and never ends.`,
        hint: `Let them run side by side: put "${need}" under "with" instead of "dependsOn"; or say in slipway.json how to see that it is ready: "tasks": { "${need}": { "readyWhen": { "port": 3000 } } }.`,
      })),
  );
}

/** Neither an end nor readiness of it can be waited for. */
function isEndless(rule: TaskRule | null | undefined): boolean {
  return rule?.persistent === true && !rule.readyWhen;
}

/** A node that only forwards and has nothing to forward to is of no use to anybody. */
function dropDeadEnds(nodes: Map<TaskId, TaskNode>): void {
  const order = waves(graphOf(nodes)).flat();
  for (const id of order) {
    const node = nodes.get(id);
    if (!node) continue;
    for (const need of node.needs.keys()) if (!nodes.has(need)) node.needs.delete(need);
    if (!node.rule && node.needs.size === 0) nodes.delete(id);
  }
}

function inOrder(nodes: ReadonlyMap<TaskId, TaskNode>): TaskNode[] {
  return waves(graphOf(nodes))
    .flat()
    .flatMap((id) => nodes.get(id) ?? []);
}

function graphOf(nodes: ReadonlyMap<TaskId, TaskNode>): Map<TaskId, TaskId[]> {
  return new Map([...nodes].map(([id, node]) => [id, [...node.needs.keys()]]));
}

interface Surroundings {
  readonly workspace: Workspace;
  readonly rules: RuleIndex;
  readonly args: readonly string[];
}

function plannedTask(node: TaskNode, { workspace, rules, args }: Surroundings): PlannedTask {
  const { id, task, configuration } = node;
  const one = rules.package(node.package);
  const rule = node.rule && configured(node.rule, node, one);
  return {
    id,
    package: node.package,
    ...(one && one.aliases.length > 0 ? { project: one.aliases[0] } : {}),
    task,
    ...(configuration === null ? {} : { configuration }),
    dir: one?.dir ?? "",
    command: commandOf(rule?.action ?? null, one?.scripts ?? {}),
    args: node.takesArguments && rule?.action ? args : [],
    needs: [...node.needs.keys()].toSorted(),
    with: [...node.with].toSorted(),
    lockfileClosure: workspace.lockfile?.closures[node.package] ?? null,
    because: node.because,
    ...ruleFields(rule),
    ...(rule?.limits ? { limits: rule.limits } : {}),
    ...(rule?.priority === undefined ? {} : { priority: rule.priority }),
  };
}

function configured(
  rule: TaskRule,
  { configuration, options }: TaskNode,
  one: WorkspacePackage | undefined,
): TaskRule {
  const changes = configuration === null ? undefined : rule.byConfiguration?.[configuration];
  const chosen = changes ? { ...rule, ...changes } : rule;
  if (!options || !one) return chosen;
  const project = { projectName: one.aliases[0] ?? one.name, dir: one.dir };
  return { ...chosen, ...withForwardedOptions(rule, configuration, { forwarded: options, project }) };
}

function ruleFields(rule: TaskRule | null) {
  return {
    action: rule?.action ?? null,
    cache: rule?.cache ?? false,
    persistent: rule?.persistent ?? false,
    ...(rule?.persistent && rule.readyWhen ? { readyWhen: rule.readyWhen } : {}),
    interactive: rule?.interactive ?? false,
    interruptible: rule?.interruptible ?? false,
    parallelism: rule?.parallelism ?? true,
    outputLogs: rule?.outputLogs ?? "full",
    inputs: rule?.declaredInputs ?? [],
    outputs: rule?.declaredOutputs ?? [],
    inputSpec: rule?.inputs ?? noInputs,
    outputSpec: rule?.outputs ?? { include: [], exclude: [] },
    env: rule?.env ?? [],
    passThroughEnv: rule?.passThroughEnv ?? [],
  } as const;
}

/** A node that only forwards has no files of its own; it changes when what it needs does. */
const noInputs: TaskRule["inputs"] = {
  files: [],
  env: [],
  runtime: [],
  dependencyOutputs: [],
  dependencyFingerprints: true,
  json: [],
  external: "none",
  values: {},
};

function commandOf(action: TaskAction | null, scripts: Readonly<Record<string, string>>): string | null {
  switch (action?.kind) {
    case undefined:
      return null;
    case "script":
      return scripts[action.script] ?? null;
    case "commands":
      return action.commands.join(action.parallel ? " & " : " && ");
    case "executor":
      return action.executor;
  }
}
