// The page that `slipway graph --open` shows. It is put into page.html whole, so that the file needs nothing beside it.
import { indexed, isAffected, matches, neighbours, relatives } from "./graph.js";
import { placed, shortName } from "./layout.js";

const { graphs, base } = JSON.parse(document.getElementById("data").textContent);
const svg = document.getElementById("graph");
const controls = Object.fromEntries(
  ["search", "kind", "affected", "related", "fit", "count", "details"].map((id) => [
    id,
    document.getElementById(id),
  ]),
);

const NODE_HEIGHT = 20;
const EDGE_BEND = 30;
/** Below it names cannot be read: then colours tell, and pointing at a node shows its name. */
const READABLE_SCALE = 0.42;
const LISTED_MAX = 300;

let graph;
let selected = null;
const view = { x: 0, y: 0, scale: 1 };

start();

function start() {
  for (const [at, { title }] of graphs.entries()) controls.kind.append(new Option(title, String(at)));
  document.getElementById("kind-label").hidden = graphs.length < 2;
  controls.kind.addEventListener("change", () => show(Number(controls.kind.value)));
  controls.search.addEventListener("input", paint);
  controls.search.addEventListener("keydown", ({ key }) => key === "Enter" && selectFirst());
  controls.affected.addEventListener("change", render);
  controls.related.addEventListener("change", render);
  controls.fit.addEventListener("click", fit);
  addEventListener("keydown", ({ key }) => key === "Escape" && unselect());
  moveAndZoom();
  show(0);
}

function show(at) {
  graph = indexed(graphs[at]);
  selected = null;
  document.getElementById("affected-label").hidden = !graph.nodes.some(isAffected);
  render();
}

/** Draws the nodes that are wanted now, in new places. */
function render() {
  const related = selected && controls.related.checked ? relatives(graph.byId, selected) : null;
  const shown = graph.nodes.filter(
    (node) => (!controls.affected.checked || isAffected(node)) && (!related || related.has(node.id)),
  );
  const places = placed(shown, graph.byId, svg.getBoundingClientRect());
  svg.replaceChildren(element("g", { id: "world" }, [...edges(shown, places), ...boxes(shown, places)]));
  controls.count.value = `${shown.length} of ${graph.nodes.length} shown`;
  graph.places = places;
  fit();
  paint();
}

function edges(nodes, places) {
  return nodes.flatMap((node) =>
    node.needs.flatMap(({ id }) => {
      const from = places.get(node.id);
      const to = places.get(id);
      if (!to) return [];
      const [x1, y1] = [from.x, from.y + NODE_HEIGHT / 2];
      const [x2, y2] = [to.x + to.width, to.y + NODE_HEIGHT / 2];
      const bend = EDGE_BEND;
      const path = `M${x1},${y1} C${x1 - bend},${y1} ${x2 + bend},${y2} ${x2},${y2}`;
      return [element("path", { class: "edge", d: path, "data-from": node.id, "data-to": id })];
    }),
  );
}

function boxes(nodes, places) {
  return nodes.map((node) => {
    const { x, y, width } = places.get(node.id);
    const rect = element("rect", { width, height: NODE_HEIGHT });
    const text = element("text", { x: 8, y: 14 });
    text.textContent = shortName(node.label);
    const name = element("title", {});
    name.textContent = node.label;
    const box = element(
      "g",
      { class: "node", transform: `translate(${x},${y})`, "data-id": node.id, tabindex: 0 },
      [rect, text, name],
    );
    box.addEventListener("click", () => hasMoved() || select(node.id));
    box.addEventListener("keydown", ({ key }) => key === "Enter" && select(node.id));
    return box;
  });
}

function element(name, attributes, children = []) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Marks what is searched for, selected, related and affected, where it stands. */
function paint() {
  const wanted = controls.search.value.trim().toLowerCase();
  const near = selected ? neighbours(graph.byId, selected) : null;
  for (const box of svg.querySelectorAll(".node")) {
    const node = graph.byId.get(box.dataset.id);
    const isDim = wanted !== "" && !matches(node, wanted);
    box.classList.toggle("dim", isDim || (near !== null && wanted === "" && !near.has(node.id)));
    box.classList.toggle("affected", isAffected(node));
    box.classList.toggle("related", near?.has(node.id) ?? false);
    box.classList.toggle("selected", node.id === selected);
  }
  for (const edge of svg.querySelectorAll(".edge")) {
    const { from, to } = edge.dataset;
    const isLit = selected !== null && (from === selected || to === selected);
    edge.classList.toggle("lit", isLit);
    edge.classList.toggle("dim", (selected !== null || wanted !== "") && !isLit);
  }
  details();
}

function select(id) {
  selected = id;
  if (controls.related.checked || !graph.places.has(id)) render();
  else paint();
}

function unselect() {
  selected = null;
  if (controls.related.checked) render();
  else paint();
}

/** From a list: brings the node into sight. */
function goTo(id) {
  select(id);
  center(graph.places.get(id));
}

function selectFirst() {
  const wanted = controls.search.value.trim().toLowerCase();
  const first = graph.nodes.find((node) => graph.places.has(node.id) && matches(node, wanted));
  if (!first) return;
  controls.search.value = "";
  goTo(first.id);
}

function details() {
  const node = selected && graph.byId.get(selected);
  controls.details.replaceChildren(...(node ? aboutNode(node) : aboutAll()));
}

function aboutNode(node) {
  const title = document.createElement("h2");
  title.textContent = node.label;
  const note = document.createElement("code");
  note.textContent = node.note;
  return [
    title,
    note,
    ...list(
      "affected because",
      node.because.map((text) => ({ text })),
    ),
    ...list(`needs (${node.needs.length})`, node.needs),
    ...list(`needed by (${node.neededBy.length})`, node.neededBy),
  ];
}

/** Without a selection: what is searched for, else what is affected, as far as it is shown. */
function aboutAll() {
  const wanted = controls.search.value.trim().toLowerCase();
  const shown = graph.nodes.filter(({ id }) => graph.places.has(id));
  const found = shown.filter((node) => (wanted === "" ? isAffected(node) : matches(node, wanted)));
  const what = wanted === "" ? `affected${base ? ` since ${base}` : ""}` : "found";
  const help = document.createElement("p");
  help.textContent = `Click a node to see what it needs${found.some(isAffected) ? " and why it is affected" : ""}; drag and scroll to move.`;
  const items = found.slice(0, LISTED_MAX).map(({ id, because }) => ({ id, note: because[0] }));
  const more = found.length - items.length;
  return [
    help,
    ...list(`${what} (${found.length})`, [...items, ...(more > 0 ? [{ text: `and ${more} more` }] : [])]),
  ];
}

function list(title, items) {
  if (items.length === 0) return [];
  const heading = document.createElement("h3");
  heading.textContent = title;
  const entries = document.createElement("ul");
  for (const { id, text, note } of items) {
    const entry = document.createElement("li");
    if (id === undefined) entry.textContent = text;
    else {
      const link = document.createElement("button");
      link.textContent = graph.byId.get(id).label;
      link.addEventListener("click", () => goTo(id));
      const said = document.createElement("small");
      said.textContent = note ? ` ${note}` : "";
      entry.append(link, said);
    }
    entries.append(entry);
  }
  return [heading, entries];
}

/** How far the pointer went since it was pressed: a drag that ends on a node selects nothing. */
let movedBy = 0;

function hasMoved() {
  return movedBy > 4;
}

function moveAndZoom() {
  let last = null;
  svg.addEventListener("pointerdown", ({ clientX, clientY }) => {
    last = { clientX, clientY };
    movedBy = 0;
  });
  svg.addEventListener("click", ({ target }) => target === svg && !hasMoved() && unselect());
  addEventListener("pointerup", () => (last = null));
  addEventListener("pointermove", ({ clientX, clientY }) => {
    if (!last) return;
    movedBy += Math.abs(clientX - last.clientX) + Math.abs(clientY - last.clientY);
    view.x += clientX - last.clientX;
    view.y += clientY - last.clientY;
    last = { clientX, clientY };
    look();
  });
  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    const factor = Math.exp(-event.deltaY / 400);
    const { left, top } = svg.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const scale = Math.min(4, Math.max(0.02, view.scale * factor));
    view.x = x - ((x - view.x) * scale) / view.scale;
    view.y = y - ((y - view.y) * scale) / view.scale;
    view.scale = scale;
    look();
  });
}

function fit() {
  const places = [...graph.places.values()];
  if (places.length === 0) return;
  const [left, top] = [Math.min(...places.map(({ x }) => x)), Math.min(...places.map(({ y }) => y))];
  const right = Math.max(...places.map(({ x, width }) => x + width));
  const bottom = Math.max(...places.map(({ y }) => y + NODE_HEIGHT));
  const { width, height } = svg.getBoundingClientRect();
  view.scale = Math.min(1.4, (width - 40) / (right - left), (height - 40) / (bottom - top));
  view.x = (width - (right + left) * view.scale) / 2;
  view.y = (height - (bottom + top) * view.scale) / 2;
  look();
}

function center({ x, y, width }) {
  const size = svg.getBoundingClientRect();
  view.scale = Math.max(view.scale, 0.9);
  view.x = size.width / 2 - (x + width / 2) * view.scale;
  view.y = size.height / 2 - y * view.scale;
  look();
}

function look() {
  svg.classList.toggle("far", view.scale < READABLE_SCALE);
  document
    .getElementById("world")
    .setAttribute("transform", `translate(${view.x},${view.y}) scale(${view.scale})`);
}
