import type { TaskId } from "@slipway/kernel";
import { declaredOptions, type TaskNeed } from "@slipway/workspace";
import type { TaskNode } from "./walk-tasks.ts";

/**
 * What tasks hand on to those that they need: what was typed behind `--` (nx `params: forward`) and their own options
 * (`options: forward`). As in nx it is the first need that leads to a task, depth first, that says what it gets, through
 * packages that lack the task too; a task that was asked for gets what was typed and no options.
 */
export function handOn(nodes: ReadonlyMap<TaskId, TaskNode>): void {
  const needs = [...nodes.values()].flatMap((node) => [...node.needs.values()]);
  if (!needs.some((need) => need.forwardsArguments ?? need.forwardsOptions)) return;
  const reached = new Set([...nodes.values()].filter((node) => node.asked));
  for (const node of nodes.values()) if (node.asked) from(node);

  function from(node: TaskNode): void {
    for (const [id, need] of node.needs) to(id, { giver: node, need, passed: new Set() });
  }

  function to(id: TaskId, path: Path): void {
    const node = nodes.get(id);
    if (!node || reached.has(node) || path.passed.has(id)) return;
    if (!node.rule) {
      path.passed.add(id);
      for (const next of node.needs.keys()) to(next, path);
      return;
    }
    reached.add(node);
    const { giver, need } = path;
    node.takesArguments = need.forwardsArguments === true;
    if (need.forwardsOptions && giver.rule) node.options = declaredOptions(giver.rule, giver.configuration);
    from(node);
  }
}

interface Path {
  readonly giver: TaskNode;
  readonly need: TaskNeed;
  /** Packages without the task that it has gone through. */
  readonly passed: Set<TaskId>;
}
