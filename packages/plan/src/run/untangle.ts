import { findCycle, type Problem, type TaskId } from "@slipway/kernel";
import type { TaskSource, WorkspacePackage } from "@slipway/workspace";
import type { RuleIndex } from "./rule-index.ts";
import type { TaskNode } from "./walk-tasks.ts";

export interface Untangled {
  readonly problem: Problem | null;
  readonly warnings: readonly Problem[];
}

/**
 * Takes away the needs that would make a circle and that nobody asked for; what remains is the user's own circle, a
 * problem. Taken away are needs of nodes that only forward, and, where no configuration declares an order, needs that
 * come from devDependencies alone (`a` tests itself with `b`, which is built on `a`).
 */
export function untangle(nodes: Map<TaskId, TaskNode>, rules: RuleIndex, source: TaskSource): Untangled {
  const warnings: Problem[] = [];
  for (;;) {
    const cycle = findCycle(new Map([...nodes].map(([id, node]) => [id, [...node.needs.keys()]])));
    if (!cycle) return { problem: null, warnings };
    const steps = cycle.slice(1).map((to, at) => ({ from: nodes.get(cycle[at] ?? to), to }));
    const forwarded = steps.find(({ from }) => from && !from.rule);
    const weak = forwarded ?? (source === "scripts" ? steps.find(isDevOnly(nodes, rules)) : undefined);
    if (!weak?.from) return { problem: cycleProblem(cycle), warnings };
    weak.from.needs.delete(weak.to);
    if (!forwarded) warnings.push(brokenCycle(cycle, weak.from.id, weak.to));
  }
}

function isDevOnly(nodes: Map<TaskId, TaskNode>, rules: RuleIndex) {
  return ({ from, to }: { from: TaskNode | undefined; to: TaskId }): boolean => {
    const need = from?.needs.get(to);
    const target = nodes.get(to);
    if (!from || !target || need?.kind !== "dependencies") return false;
    return needsOnlyForDevelopment(rules.package(from.package), target.package);
  };
}

function needsOnlyForDevelopment(one: WorkspacePackage | undefined, to: string): boolean {
  const edges = one?.edges.filter((edge) => edge.to === to) ?? [];
  return edges.length > 0 && edges.every((edge) => edge.kind === "devDependencies");
}

function cycleProblem(cycle: readonly TaskId[]): Problem {
  return {
    code: "task/cycle",
    message: `These tasks wait for each other: ${cycle.join(" -> ")}.`,
    hint: "Remove one of these needs, from dependsOn or from the packages' dependencies.",
  };
}

function brokenCycle(cycle: readonly TaskId[], from: TaskId, to: TaskId): Problem {
  return {
    code: "task/cycle",
    message: `These packages depend on each other: ${cycle.join(" -> ")}. ${from} does not wait for ${to}, which it needs for development only.`,
    hint: "Declare the order in turbo.json or nx.json to decide it yourself.",
  };
}
