import type { PackageName, TaskId } from "@slipway/kernel";
import type { RunPlan } from "@slipway/plan";
import type { Workspace, WorkspaceEdge } from "@slipway/workspace";

/** What `graph --json` prints; docs/schema/graph.json describes it. */
export interface GraphJson {
  readonly schema: 1;
  readonly packages: readonly GraphPackage[];
  /** Only when tasks were asked for. */
  readonly tasks?: readonly GraphTask[];
}

export interface GraphPackage {
  readonly name: PackageName;
  readonly dir: string;
  readonly version: string | null;
  readonly private: boolean;
  readonly needs: readonly Pick<WorkspaceEdge, "to" | "kind" | "range" | "via">[];
}

export interface GraphTask {
  readonly id: TaskId;
  readonly command: string | null;
  readonly needs: readonly TaskId[];
}

interface Wanted {
  /** Null: all of them. */
  readonly chosen: readonly PackageName[] | null;
  readonly tasks: RunPlan["tasks"] | null;
}

export function graphOf(workspace: Workspace, { chosen, tasks }: Wanted): GraphJson {
  const shown = chosen && new Set(chosen);
  const packages = workspace.packages
    .filter(({ name }) => shown === null || shown.has(name))
    .map(({ name, dir, version, private: isPrivate, edges }) => ({
      name,
      dir,
      version,
      private: isPrivate,
      needs: edges.map(({ to, kind, range, via }) => ({ to, kind, range, via })),
    }));
  if (tasks === null) return { schema: 1, packages };
  return {
    schema: 1,
    packages,
    tasks: tasks.map(({ id, command, needs }) => ({ id, command, needs })),
  };
}

export function graphText(graph: GraphJson): string {
  const lines = nodesOf(graph).flatMap(({ name, note, needs }) => [
    note === "" ? name : `${name}  ${note}`,
    ...needs.map((need) => `  needs ${need}`),
  ]);
  return lines.length > 0 ? lines.join("\n") : "nothing is chosen";
}

/** Source: graphviz.org/doc/info/lang.html. */
export function graphDot(graph: GraphJson): string {
  const nodes = nodesOf(graph);
  const lines = nodes.flatMap(({ name, needs }) => [
    `  ${quoted(name)};`,
    ...needs.map((need) => `  ${quoted(name)} -> ${quoted(need)};`),
  ]);
  return ["digraph {", "  rankdir=LR;", "  node [shape=box];", ...lines, "}"].join("\n");
}

interface GraphNode {
  readonly name: string;
  readonly note: string;
  readonly needs: readonly string[];
}

function nodesOf({ packages, tasks }: GraphJson): GraphNode[] {
  if (tasks) return tasks.map(({ id, command, needs }) => ({ name: id, note: command ?? "", needs }));
  return packages.map(({ name, dir, needs }) => ({
    name,
    note: dir === "" ? "(the root)" : dir,
    needs: [...new Set(needs.map(({ to }) => to))],
  }));
}

function quoted(name: string): string {
  return `"${name.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
