/** Edges run from a node to what it needs (dependent -> dependency). Every node that occurs is a key. */
export type Graph<N extends string = string> = ReadonlyMap<N, readonly N[]>;

/** All that `from` reaches, `from` itself included, in the order of a breadth-first walk. */
export function closure<N extends string>(graph: Graph<N>, from: Iterable<N>): Set<N> {
  const seen = new Set<N>(from);
  for (const node of seen) for (const next of graph.get(node) ?? []) seen.add(next);
  return seen;
}

export function reversed<N extends string>(graph: Graph<N>): Map<N, N[]> {
  const result = new Map<N, N[]>([...graph.keys()].map((node) => [node, []]));
  for (const [node, needs] of graph) {
    for (const need of needs) {
      const dependents = result.get(need);
      if (dependents) dependents.push(node);
      else result.set(need, [node]);
    }
  }
  return result;
}

/**
 * A closed path such as `["a", "b", "a"]`, or null when there is none. The search starts from the nodes in the map's
 * order, so the same graph always names the same cycle.
 */
export function findCycle<N extends string>(graph: Graph<N>): readonly N[] | null {
  const done = new Set<N>();
  for (const start of graph.keys()) {
    const path: { node: N; next: number }[] = [];
    const onPath = new Set<N>();
    if (!done.has(start)) {
      path.push({ node: start, next: 0 });
      onPath.add(start);
    }
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const need = graph.get(top.node)?.[top.next++];
      if (need === undefined) {
        path.pop();
        onPath.delete(top.node);
        done.add(top.node);
      } else if (onPath.has(need)) {
        const nodes = path.map((step) => step.node);
        return [...nodes.slice(nodes.indexOf(need)), need];
      } else if (!done.has(need)) {
        path.push({ node: need, next: 0 });
        onPath.add(need);
      }
    }
  }
  return null;
}

/**
 * Orders nodes so that each stands after all that it needs.
 *
 * @param graph must have no cycle: ask {@link findCycle} first; nodes of a cycle would be left out
 * @returns waves; names inside a wave are sorted, so the result is the same on every machine
 * Source: Kahn, "Topological sorting of large networks", CACM 5(11), 1962.
 */
export function waves<N extends string>(graph: Graph<N>): readonly (readonly N[])[] {
  const dependents = reversed(graph);
  const waiting = new Map<N, number>();
  for (const [node] of dependents) waiting.set(node, new Set(graph.get(node)).size);
  const result: N[][] = [];
  let ready = [...waiting].filter(([, count]) => count === 0).map(([node]) => node);
  while (ready.length > 0) {
    result.push(ready.toSorted());
    const next: N[] = [];
    for (const node of ready) {
      for (const dependent of new Set(dependents.get(node))) {
        const left = (waiting.get(dependent) ?? 0) - 1;
        waiting.set(dependent, left);
        if (left === 0) next.push(dependent);
      }
    }
    ready = next;
  }
  return result;
}
