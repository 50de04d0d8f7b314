import { taskId, type Graph, type PackageName, type TaskId } from "@slipway/kernel";
import type { TaskNeed, TaskRule } from "@slipway/workspace";
import type { RuleIndex } from "./rule-index.ts";
import type { RunReason } from "./types.ts";

/** A task that takes part in a run, before it is put in order. */
export interface TaskNode {
  readonly id: TaskId;
  readonly package: PackageName;
  readonly task: string;
  readonly configuration: string | null;
  /** Null: the package lacks the task; the node only forwards to the packages that this one depends on. */
  readonly rule: TaskRule | null;
  /** What it waits for, with the need that says so. */
  readonly needs: Map<TaskId, TaskNeed>;
  readonly with: Set<TaskId>;
  /** True: named on the command line, directly or by selection. */
  asked: boolean;
  /** True: gets what was typed behind `--`. */
  takesArguments: boolean;
  /** Options that the task which needs it hands on to it. */
  options: Readonly<Record<string, unknown>> | null;
  readonly because: RunReason[];
}

export interface AskedNode {
  readonly package: PackageName;
  readonly task: string;
  /** Carried to everything it needs, as nx does. */
  readonly configuration: string | null;
  readonly because: readonly RunReason[];
}

export interface TaskRules {
  readonly rules: RuleIndex;
  readonly dependencies: Graph;
}

/**
 * All tasks that the asked ones reach through `dependsOn` and `with`, breadth first, so that the reason of a needed
 * task is the nearest one.
 *
 * @param options.needs false leaves out what was not asked for (`--only`)
 * @param options.asNx passes over a task that needs itself, which is a circle else; and a package that lacks one of several
 *   `^` tasks forwards all of them
 */
export function walkTasks(
  asked: readonly AskedNode[],
  { rules, dependencies }: TaskRules,
  options: { readonly needs: boolean; readonly asNx: boolean },
): Map<TaskId, TaskNode> {
  const nodes = new Map<TaskId, TaskNode>();
  const queue: { readonly node: TaskNode; readonly carried: string | null }[] = [];
  const visited = new Set<string>();

  function reach(packageName: PackageName, task: string, carried: string | null): TaskNode {
    const rule = rules.rule(packageName, task) ?? null;
    const configuration = configurationOf(rule, carried);
    const name = configuration === null ? task : `${task}:${configuration}`;
    const id = taskId(packageName, name);
    let node = nodes.get(id);
    if (!node) {
      const links = { needs: new Map<TaskId, TaskNeed>(), with: new Set<TaskId>() };
      const flags = { asked: false, takesArguments: false, options: null };
      node = { id, package: packageName, task, configuration, rule, ...links, ...flags, because: [] };
      nodes.set(id, node);
    }
    const visit = `${id}\0${carried ?? ""}`;
    if (!visited.has(visit)) {
      visited.add(visit);
      queue.push({ node, carried });
    }
    return node;
  }

  for (const one of asked) {
    const node = reach(one.package, one.task, one.configuration);
    node.asked = true;
    node.takesArguments = true;
    node.because.push(...one.because);
  }
  const isAsked = new Set(nodes.keys());
  for (const { node, carried } of queue) {
    const forwarded = options.asNx ? forwardedTogether(node, { rules, dependencies }) : [];
    const direct = needsOf(node).flatMap((need) =>
      targetsOf(need, node, { rules, dependencies }).map((target) => ({ need, target })),
    );
    for (const { need, target } of [...direct, ...forwarded]) {
      if (!options.needs && !isAsked.has(idOf(target, carried, rules))) continue;
      const reached = reach(target.package, target.task, carried);
      if (reached === node && options.asNx) continue;
      if (reached.because.length === 0) reached.because.push({ kind: "needed-by", task: node.id });
      if (!node.needs.has(reached.id)) node.needs.set(reached.id, need);
    }
    for (const need of node.rule?.with ?? []) {
      for (const target of targetsOf(need, node, { rules, dependencies })) {
        const reached = reach(target.package, target.task, carried);
        if (reached === node) continue;
        if (reached.because.length === 0) reached.because.push({ kind: "with", task: node.id });
        node.with.add(reached.id);
      }
    }
  }
  return nodes;
}

/** A package that lacks the task forwards to the packages it depends on: peers call it a transit node. */
function needsOf(node: TaskNode): readonly TaskNeed[] {
  return node.rule ? node.rule.dependsOn : [{ kind: "dependencies", task: node.task }];
}

/**
 * Where a task needs several `^` tasks, nx lets a package that lacks one of them forward them all: what it depends on is
 * asked for each, not for the lacking one alone.
 */
function forwardedTogether(
  node: TaskNode,
  { rules, dependencies }: TaskRules,
): readonly { readonly need: TaskNeed; readonly target: Target }[] {
  const needs = (node.rule?.dependsOn ?? []).filter(({ kind }) => kind === "dependencies");
  if (needs.length < 2) return [];
  const lacksOne = (name: PackageName): boolean => needs.some(({ task }) => !rules.rule(name, task));
  const through = new Set((dependencies.get(node.package) ?? []).filter(lacksOne));
  const found: { readonly need: TaskNeed; readonly target: Target }[] = [];
  for (const name of through) {
    for (const next of dependencies.get(name) ?? []) {
      for (const need of needs) {
        if (rules.rule(next, need.task)) found.push({ need, target: { package: next, task: need.task } });
      }
      if (lacksOne(next)) through.add(next);
    }
  }
  return found;
}

interface Target {
  readonly package: PackageName;
  readonly task: string;
}

function targetsOf(need: TaskNeed, node: TaskNode, { rules, dependencies }: TaskRules): readonly Target[] {
  switch (need.kind) {
    case "self":
      return isOpen(rules.rule(node.package, need.task)) ? [{ package: node.package, task: need.task }] : [];
    case "package":
      return rules.rule(need.package, need.task) ? [{ package: need.package, task: need.task }] : [];
    case "dependencies":
      return (dependencies.get(node.package) ?? []).map((name) => ({ package: name, task: need.task }));
  }
}

function isOpen(rule: TaskRule | undefined): boolean {
  return rule !== undefined && !rule.onlyByName;
}

function configurationOf(rule: TaskRule | null, carried: string | null): string | null {
  if (!rule) return null;
  return carried !== null && rule.configurations.includes(carried) ? carried : rule.defaultConfiguration;
}

function idOf(target: Target, carried: string | null, rules: RuleIndex): TaskId {
  const configuration = configurationOf(rules.rule(target.package, target.task) ?? null, carried);
  const { package: name, task } = target;
  return taskId(name, configuration === null ? task : `${task}:${configuration}`);
}
