import type { Graph, PackageName } from "@slipway/kernel";
import type { Workspace } from "./types.ts";

/**
 * Which package needs which, in the manifest's order, along the edges that the task rules follow and without edges to
 * itself. Every package is a key.
 */
export function packageGraph(workspace: Pick<Workspace, "packages" | "tasks">): Graph {
  const follows = new Set(workspace.tasks.follows);
  const graph = new Map<PackageName, PackageName[]>();
  for (const { name, edges } of workspace.packages) {
    const needs = new Set<PackageName>();
    for (const { to, kind, fromRegistry } of edges) {
      if (to !== name && follows.has(kind) && !fromRegistry) needs.add(to);
    }
    graph.set(name, [...needs]);
  }
  return graph;
}
