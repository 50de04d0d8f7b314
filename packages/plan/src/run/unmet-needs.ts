import type { PackageName, Problem } from "@slipway/kernel";
import type { TaskNeed, TaskSource } from "@slipway/workspace";
import { unknownPackage, unknownTask } from "./asked.ts";
import type { TaskNode, TaskRules } from "./walk-tasks.ts";

/**
 * Needs that name a task that is not there: the order that they ask for would silently be none. turbo refuses them, nx and
 * pnpm pass over them. `^task` is asked of every package that one depends on: each must declare it, with a script or without.
 *
 * @returns one problem for each declaration and name, however many packages inherit it
 */
export function unmetNeeds(
  nodes: Iterable<TaskNode>,
  { rules, dependencies }: TaskRules,
  source: TaskSource,
): Problem[] {
  if (source !== "turbo") return [];
  const found = new Map<string, Problem>();
  for (const node of nodes) {
    for (const key of ["dependsOn", "with"] as const) {
      for (const need of node.rule?.[key] ?? []) {
        const problem = unmet(need, node, { rules, dependencies });
        if (!problem) continue;
        const at = node.rule?.sources[key] ?? "";
        const id = `${at} ${key} ${need.kind === "package" ? `${need.package}#` : ""}${need.task}`;
        if (!found.has(id)) found.set(id, located(problem, { node, key, at }));
      }
    }
  }
  return [...found.values()];
}

function unmet(need: TaskNeed, node: TaskNode, { rules, dependencies }: TaskRules): Problem | null {
  const name = askedOf(need, node, { rules, dependencies });
  if (name === null || rules.rule(name, need.task)) return null;
  if (!rules.package(name)) return unknownPackage(name, rules.packageNames);
  const isScript = Object.hasOwn(rules.package(name)?.scripts ?? {}, need.task);
  const problem = unknownTask(need.task, rules.tasksOf(name), name);
  if (!isScript) return problem;
  const declared = name === rules.rootName ? `//#${need.task}` : need.task;
  return {
    ...problem,
    hint: `Its script of that name is a task once turbo.json has an entry "${declared}".`,
  };
}

function askedOf(need: TaskNeed, node: TaskNode, known: TaskRules): PackageName | null {
  switch (need.kind) {
    case "self":
      return node.package;
    case "package":
      return need.package;
    case "dependencies":
      return lacking(need.task, node, known);
  }
}

/** The first package that this one depends on for which nobody declares the task. */
function lacking(task: string, node: TaskNode, { rules, dependencies }: TaskRules): PackageName | null {
  const direct = dependencies.get(node.package) ?? [];
  return direct.find((name) => name !== rules.rootName && !rules.rule(name, task)) ?? null;
}

function located(
  problem: Problem,
  { node, key, at }: { readonly node: TaskNode; readonly key: string; readonly at: string },
): Problem {
  const [file, line] = at.split(":");
  const message = `${problem.message.slice(0, -1)}, but ${node.id} names it under "${key}".`;
  return { ...problem, message, ...(file ? { file, line: Number(line) || 1 } : {}) };
}
