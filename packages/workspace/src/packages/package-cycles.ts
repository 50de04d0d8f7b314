import { findCycle, type PackageName } from "@slipway/kernel";
import type { DependencyKind, WorkspaceEdge, WorkspacePackage } from "../types.ts";

/** Packages that need each other, with the edges that close the circle. */
export interface PackageCycle {
  /** Closed: the first name stands last again. */
  readonly path: readonly PackageName[];
  readonly edges: readonly WorkspaceEdge[];
  /** True: without its development dependencies there is no cycle, as when a test tool is tested with itself. */
  readonly onlyInDevelopment: boolean;
}

const shipped: ReadonlySet<WorkspaceEdge["kind"]> = new Set<DependencyKind>([
  "dependencies",
  "optionalDependencies",
  "peerDependencies",
]);

/**
 * One cycle for each knot of packages, shipped ones first. A cycle among packages is legal: only one among tasks makes
 * a run impossible.
 */
export function packageCycles(packages: readonly WorkspacePackage[]): readonly PackageCycle[] {
  const inProduction = cyclesAlong(packages, (edge) => shipped.has(edge.kind));
  const seen = new Set(inProduction.map((cycle) => key(cycle.path)));
  const others = cyclesAlong(packages, () => true).filter((cycle) => !seen.has(key(cycle.path)));
  return [
    ...inProduction.map((cycle) => ({ ...cycle, onlyInDevelopment: false })),
    ...others.map((cycle) => ({ ...cycle, onlyInDevelopment: true })),
  ];
}

type Found = Pick<PackageCycle, "path" | "edges">;

function cyclesAlong(
  packages: readonly WorkspacePackage[],
  counts: (edge: WorkspaceEdge) => boolean,
): readonly Found[] {
  const byName = new Map(packages.map((each) => [each.name, each]));
  const graph = new Map(
    packages.map((each) => [each.name, each.edges.filter(counts).map((edge) => edge.to)]),
  );
  const cycles: Found[] = [];
  for (let path = findCycle(graph); path; path = findCycle(graph)) {
    const steps = path.slice(1).map((to, at) => ({ from: path[at] ?? to, to }));
    const edges = steps.flatMap(({ from, to }) => {
      return byName.get(from)?.edges.find((edge) => edge.to === to && counts(edge)) ?? [];
    });
    cycles.push({ path, edges });
    // A package of the knot is taken out, so that each knot is named once and the search ends.
    for (const name of path) graph.set(name, []);
  }
  return cycles;
}

function key(path: readonly PackageName[]): string {
  return path.slice(1).toSorted().join("\0");
}
