// Where the nodes of a graph stand: in columns, what is needed to the left of what needs it.
const LEVEL_GAP = 60;
const COLUMN_GAP = 14;
const ROW_HEIGHT = 28;
const ROW_HEIGHT_MAX = 64;
const CHARACTER_WIDTH = 6.7;
const SORTING_ROUNDS = 4;

const NAME_CHARACTERS_MAX = 26;

/** Names of one repository begin alike: the end tells. */
export function shortName(name) {
  return name.length > NAME_CHARACTERS_MAX ? `…${name.slice(1 - NAME_CHARACTERS_MAX)}` : name;
}

/**
 * Levels by how far a node is from what needs nothing, each as many columns as make the whole fit the window best; rows
 * so that neighbours stand near each other.
 */
export function placed(nodes, byId, window) {
  const levels = levelsOf(nodes, byId);
  const { rows, height } = bestShape(levels, window);
  const order = new Map();
  for (const level of levels) sortInto(order, level, { keyOf: (node) => node.id, rows });
  for (let round = 0; round < SORTING_ROUNDS; round++) {
    const direction = round % 2 === 0 ? "needs" : "neededBy";
    const keyOf = (node) => meanRow(node[direction], order, order.get(node.id));
    for (const level of levels) sortInto(order, level, { keyOf, rows });
  }
  const places = new Map();
  let x = 0;
  for (const level of levels) {
    const columns = Math.ceil(level.length / rows);
    const width = widthOf(level);
    for (const [at, node] of level.entries()) {
      const left = x + (at % columns) * (width + COLUMN_GAP);
      places.set(node.id, { x: left, y: order.get(node.id) * height, width });
    }
    x += columns * (width + COLUMN_GAP) - COLUMN_GAP + LEVEL_GAP;
  }
  return places;
}

/** The number of rows with which everything can be drawn largest, and how high a row then may be. */
function bestShape(levels, { width, height }) {
  const longest = Math.max(1, ...levels.map((level) => level.length));
  let best = { rows: 1, scale: 0 };
  for (let rows = 1; rows <= longest; rows = Math.max(rows + 1, Math.floor(rows * 1.1))) {
    const columns = levels.map(
      (level) => Math.ceil(level.length / rows) * (widthOf(level) + COLUMN_GAP) + LEVEL_GAP,
    );
    const scale = Math.min(
      width / columns.reduce((sum, each) => sum + each, 0),
      height / (rows * ROW_HEIGHT),
    );
    if (scale > best.scale) best = { rows, scale };
  }
  const free = height / (best.scale * Math.min(best.rows, longest));
  return { rows: best.rows, height: Math.min(ROW_HEIGHT_MAX, Math.max(ROW_HEIGHT, free)) };
}

function widthOf(level) {
  return Math.max(...level.map(({ label }) => shortName(label).length)) * CHARACTER_WIDTH + 16;
}

function sortInto(order, level, { keyOf, rows }) {
  const keys = new Map(level.map((node) => [node, keyOf(node)]));
  level.sort((a, b) => (keys.get(a) < keys.get(b) ? -1 : keys.get(a) > keys.get(b) ? 1 : 0));
  const columns = Math.ceil(level.length / rows);
  const middle = (Math.ceil(level.length / columns) - 1) / 2;
  level.forEach((node, at) => order.set(node.id, Math.floor(at / columns) - middle));
}

function meanRow(neighbours, order, otherwise) {
  const known = neighbours.map(({ id }) => order.get(id)).filter((row) => row !== undefined);
  return known.length === 0 ? otherwise : known.reduce((sum, row) => sum + row, 0) / known.length;
}

function levelsOf(nodes, byId) {
  const level = depths(nodes, byId);
  const levels = [];
  for (const node of nodes) (levels[level.get(node.id)] ??= []).push(node);
  return levels;
}

/** Longest path to a node that needs nothing; a node of a cycle counts as if the way back were not there. */
function depths(nodes, byId) {
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
