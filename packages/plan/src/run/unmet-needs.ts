import type { Problem } from "@slipway/kernel";
import type { TaskNeed, TaskSource } from "@slipway/workspace";
import { unknownPackage, unknownTask } from "./asked.ts";
import type { RuleIndex } from "./rule-index.ts";
import type { TaskNode } from "./walk-tasks.ts";

/**
 * Needs that name a task that is not there: the order that they ask for would silently be none. turbo refuses them, nx and
 * pnpm pass over them. `^task` asks only those that have it.
 *
 * @returns one problem for each declaration and name, however many packages inherit it
 */
export function unmetNeeds(nodes: Iterable<TaskNode>, rules: RuleIndex, source: TaskSource): Problem[] {
  if (source !== "turbo") return [];
  const found = new Map<string, Problem>();
  for (const node of nodes) {
    for (const key of ["dependsOn", "with"] as const) {
      for (const need of node.rule?.[key] ?? []) {
        const problem = unmet(need, node, rules);
        if (!problem) continue;
        const at = node.rule?.sources[key] ?? "";
        const id = `${at} ${key} ${need.kind === "package" ? `${need.package}#` : ""}${need.task}`;
        if (!found.has(id)) found.set(id, located(problem, { node, key, at }));
      }
    }
  }
  return [...found.values()];
}

function unmet(need: TaskNeed, node: TaskNode, rules: RuleIndex): Problem | null {
  if (need.kind === "dependencies") return null;
  const name = need.kind === "package" ? need.package : node.package;
  if (rules.rule(name, need.task)) return null;
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

function located(
  problem: Problem,
  { node, key, at }: { readonly node: TaskNode; readonly key: string; readonly at: string },
): Problem {
  const [file, line] = at.split(":");
  const message = `${problem.message.slice(0, -1)}, but ${node.id} names it under "${key}".`;
  return { ...problem, message, ...(file ? { file, line: Number(line) || 1 } : {}) };
}
