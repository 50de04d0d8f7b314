// Where the nodes of a graph stand: in columns, what is needed to the left of what needs it.
export const COLUMN_GAP = 90;
const ROW_HEIGHT = 28;
const CHARACTER_WIDTH = 6.7;
const SORTING_ROUNDS = 4;

/** Columns by how far a node is from what needs nothing; rows so that neighbours stand near each other. */
export function placed(nodes, byId) {
  const columns = [];
  const level = levels(nodes, byId);
  for (const node of nodes) (columns[level.get(node.id)] ??= []).push(node);
  const rows = new Map();
  for (const column of columns) sortInto(rows, column, (node) => node.id);
  for (let round = 0; round < SORTING_ROUNDS; round++) {
    const direction = round % 2 === 0 ? "needs" : "neededBy";
    for (const column of columns)
      sortInto(rows, column, (node) => meanRow(node[direction], rows, rows.get(node.id)));
  }
  const places = new Map();
  let x = 0;
  for (const column of columns) {
    const width = Math.max(...column.map(({ label }) => label.length)) * CHARACTER_WIDTH + 16;
    for (const node of column) places.set(node.id, { x, y: rows.get(node.id) * ROW_HEIGHT, width });
    x += width + COLUMN_GAP;
  }
  return places;
}

function sortInto(rows, column, keyOf) {
  const keys = new Map(column.map((node) => [node, keyOf(node)]));
  column.sort((a, b) => (keys.get(a) < keys.get(b) ? -1 : keys.get(a) > keys.get(b) ? 1 : 0));
  const middle = (column.length - 1) / 2;
  column.forEach((node, at) => rows.set(node.id, at - middle));
}

function meanRow(neighbours, rows, otherwise) {
  const known = neighbours.map(({ id }) => rows.get(id)).filter((row) => row !== undefined);
  return known.length === 0 ? otherwise : known.reduce((sum, row) => sum + row, 0) / known.length;
}

/** Longest path to a node that needs nothing; a node of a cycle counts as if the way back were not there. */
function levels(nodes, byId) {
  const shown = new Set(nodes.map(({ id }) => id));
  const level = new Map();
  for (const { id: root } of nodes) {
    const path = [root];
    const open = new Set();
    while (path.length > 0) {
      const id = path.at(-1);
      const needs = byId.get(id).needs.filter((need) => shown.has(need.id) && !open.has(need.id));
      const next = level.has(id) ? undefined : needs.find((need) => !level.has(need.id));
      open.add(id);
      if (next) path.push(next.id);
      else {
        if (!level.has(id)) level.set(id, 1 + Math.max(-1, ...needs.map((need) => level.get(need.id) ?? -1)));
        open.delete(id);
        path.pop();
      }
    }
  }
  return level;
}
