import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closure, findCycle, reversed, waves, type Graph } from "@slipway/kernel";

const names = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** Any graph on a few nodes: circles, loops, doubled edges and lone nodes included. */
const anyGraph = fc
  .array(fc.array(fc.constantFrom(...names), { maxLength: 5 }), {
    minLength: names.length,
    maxLength: names.length,
  })
  .map((needs): Graph => new Map(names.map((name, at) => [name, needs[at] ?? []])));

/** Edges lead only from later names to earlier ones, so that no path comes back. */
const acyclicGraph = anyGraph.map(
  (graph): Graph => new Map([...graph].map(([node, needs]) => [node, needs.filter((need) => need < node)])),
);

/** The slow and obvious answer: is there a path of at least one edge? */
function reaches(graph: Graph, from: string, to: string): boolean {
  let frontier = new Set(graph.get(from));
  for (let step = 0; step < names.length; step++) {
    if (frontier.has(to)) return true;
    frontier = new Set([...frontier].flatMap((node) => graph.get(node) ?? []));
  }
  return false;
}

describe("closure", () => {
  test("holds a node exactly when it is a start or can be reached from one", () => {
    fc.assert(
      fc.property(anyGraph, fc.subarray(names), (graph, starts) => {
        const found = closure(graph, starts);
        for (const node of names) {
          const expected = starts.includes(node) || starts.some((start) => reaches(graph, start, node));
          expect(found.has(node), node).toBe(expected);
        }
      }),
    );
  });
});

describe("reversed", () => {
  test("turns every edge around, and twice around is the same edges", () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        expect(edgesOf(reversed(reversed(graph)))).toEqual(edgesOf(graph));
        expect(edgesOf(reversed(graph))).toEqual(
          edgesOf(graph)
            .map((edge) => `${edge.at(1)}${edge.at(0)}`)
            .toSorted(),
        );
      }),
    );
  });

  test("a node that only occurs as a need becomes a key", () => {
    expect(reversed(new Map([["a", ["b"]]]))).toEqual(
      new Map([
        ["a", []],
        ["b", ["a"]],
      ]),
    );
  });
});

describe("findCycle", () => {
  test("gives a closed path of real edges exactly when some node reaches itself", () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const cycle = findCycle(graph);
        expect(cycle !== null).toBe(names.some((node) => reaches(graph, node, node)));
        if (!cycle) return;
        expect(cycle.at(0)).toBe(cycle.at(-1));
        for (const [at, node] of cycle.slice(0, -1).entries())
          expect(graph.get(node)).toContain(cycle[at + 1]);
        expect(new Set(cycle).size, "no node twice but the first").toBe(cycle.length - 1);
      }),
    );
  });

  test("goes as deep as a chain of a hundred thousand", () => {
    const size = 100_000;
    const chain = Array.from({ length: size }, (_, at) => [`${at}`, [`${(at + 1) % size}`]] as const);
    expect(findCycle(new Map(chain))).toHaveLength(size + 1);
    expect(waves(new Map(chain.slice(0, -1)))).toHaveLength(size);
  });
});

describe("waves", () => {
  test("every node stands once, and after all that it needs", () => {
    fc.assert(
      fc.property(acyclicGraph, (graph) => {
        const result = waves(graph);
        expect(result.flat().toSorted()).toEqual(names);
        const waveOf = new Map(result.flatMap((wave, at) => wave.map((node) => [node, at] as const)));
        for (const [node, needs] of graph) {
          const deepest = Math.max(-1, ...needs.map((need) => waveOf.get(need) ?? -1));
          expect(waveOf.get(node), `${node} as early as it can`).toBe(deepest + 1);
        }
      }),
    );
  });

  test("the order in which nodes are listed changes nothing", () => {
    fc.assert(
      fc.property(acyclicGraph, fc.shuffledSubarray(names, { minLength: names.length }), (graph, order) => {
        const shuffled = new Map(order.map((node) => [node, graph.get(node) ?? []]));
        expect(waves(shuffled)).toEqual(waves(graph));
      }),
    );
  });
});

function edgesOf(graph: Graph): readonly string[] {
  return [...graph].flatMap(([node, needs]) => needs.map((need) => node + need)).toSorted();
}
