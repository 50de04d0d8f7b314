import { sha256, type RelativePath, type Sha256 } from "@slipway/kernel";

/**
 * What a lockfile says, whatever its format: entries that need each other, and which of them each package of the
 * workspace starts from.
 */
export interface LockGraph {
  readonly nodes: readonly LockNode[];
  /** The node of each package of the workspace, by directory. */
  readonly importers: ReadonlyMap<RelativePath, number>;
}

export interface LockNode {
  /** All that tells this entry from another: name, version, integrity, patch, peers, platforms. */
  readonly facts: string;
  /** Positions of the nodes that this one needs. */
  readonly needs: readonly number[];
}

/** Collects nodes while a lockfile is read; a node may be needed before it is known. */
export class LockGraphBuilder {
  readonly #nodes: { facts: string; needs: number[] }[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #importers = new Map<RelativePath, number>();

  /** The position of the node with this key; made when it is not there yet, its key its only fact. */
  at(key: string): number {
    let position = this.#byKey.get(key);
    if (position === undefined) {
      position = this.#nodes.push({ facts: key, needs: [] }) - 1;
      this.#byKey.set(key, position);
    }
    return position;
  }

  define(key: string, facts: string): void {
    const node = this.#nodes[this.at(key)];
    if (node) node.facts = facts;
  }

  need(from: string, to: string): void {
    this.#nodes[this.at(from)]?.needs.push(this.at(to));
  }

  importer(dir: RelativePath, key: string): void {
    this.#importers.set(dir, this.at(key));
  }

  graph(): LockGraph {
    return { nodes: this.#nodes, importers: this.#importers };
  }
}

/**
 * One digest for all that each package reaches, itself included. Nodes that need each other have one digest together,
 * every other has that of its facts and of the digests that it needs, so each node is hashed once however many reach it.
 */
export function closureDigests({ nodes, importers }: LockGraph): ReadonlyMap<RelativePath, Sha256> {
  const digests: Sha256[] = Array.from({ length: nodes.length }, () => "");
  for (const knot of knots(nodes)) {
    const facts = knot.map((at) => nodes[at]?.facts ?? "").toSorted();
    const below = new Set<Sha256>();
    // A node of the knot itself has no digest yet.
    for (const at of knot) for (const need of nodes[at]?.needs ?? []) below.add(digests[need] ?? "");
    below.delete("");
    const digest = sha256(`${facts.join("\0")}\0\0${[...below].toSorted().join("\0")}`);
    for (const at of knot) digests[at] = digest;
  }
  return new Map([...importers].map(([dir, at]) => [dir, digests[at] ?? ""]));
}

/**
 * Strongly connected components, each after all that it needs.
 * Source: Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1(2), 1972; without recursion.
 */
function knots(nodes: readonly LockNode[]): readonly (readonly number[])[] {
  const order = new Int32Array(nodes.length).fill(-1);
  const low = new Int32Array(nodes.length);
  const nextNeed = new Int32Array(nodes.length);
  const isOpen = new Uint8Array(nodes.length);
  const open: number[] = [];
  const found: number[][] = [];
  let count = 0;
  const enter = (at: number): void => {
    order[at] = low[at] = count++;
    isOpen[at] = 1;
    open.push(at);
  };
  for (let start = 0; start < nodes.length; start++) {
    if (order[start] !== -1) continue;
    const path = [start];
    enter(start);
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const need = nodes[at]?.needs[nextNeed[at] ?? 0];
      nextNeed[at] = (nextNeed[at] ?? 0) + 1;
      if (need === undefined) {
        path.pop();
        const parent = path.at(-1);
        if (parent !== undefined) low[parent] = Math.min(low[parent] ?? 0, low[at] ?? 0);
        if (low[at] === order[at]) found.push(closed(open, isOpen, at));
      } else if (order[need] === -1) {
        path.push(need);
        enter(need);
      } else if (isOpen[need]) low[at] = Math.min(low[at] ?? 0, order[need] ?? 0);
    }
  }
  return found;
}

function closed(open: number[], isOpen: Uint8Array, root: number): number[] {
  const knot = open.splice(open.lastIndexOf(root));
  for (const at of knot) isOpen[at] = 0;
  return knot;
}
