// A graph of what needs what, and questions about it.

/** Nodes with their neighbours in both directions. */
export function indexed({ title, nodes }) {
  const byId = new Map(nodes.map((node) => [node.id, { ...node, neededBy: [] }]));
  for (const node of byId.values()) {
    node.needs = node.needs.filter(({ id }) => byId.has(id));
    for (const { id } of node.needs) byId.get(id).neededBy.push({ id: node.id });
  }
  return { title, byId, nodes: [...byId.values()] };
}

export function isAffected({ because }) {
  return because.length > 0;
}

/** Everything that a node needs or is needed by, however far away, and itself. */
export function relatives(byId, id) {
  const found = new Set();
  for (const direction of ["needs", "neededBy"]) {
    const queue = [id];
    const seen = new Set(queue);
    for (const at of queue) {
      for (const next of byId.get(at)[direction]) {
        if (seen.has(next.id)) continue;
        seen.add(next.id);
        queue.push(next.id);
      }
    }
    for (const each of seen) found.add(each);
  }
  return found;
}

export function matches(node, wanted) {
  return node.label.toLowerCase().includes(wanted) || node.note.toLowerCase().includes(wanted);
}

export function neighbours(byId, id) {
  const { needs, neededBy } = byId.get(id);
  return new Set([id, ...needs.map((each) => each.id), ...neededBy.map((each) => each.id)]);
}
