import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { graphPage, type PageGraph, type PageNode } from "../src/report/graph-page.ts";
import { findChromium, openPage, type Page } from "./chromium.ts";

const chromium = findChromium();
let folder = "";
let page: Page | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-page-"));
});
afterEach(async () => {
  await page?.close();
  page = null;
  rmSync(folder, { recursive: true });
});

async function open(graphs: readonly PageGraph[], path: string): Promise<Page> {
  const file = join(folder, "graph.html");
  writeFileSync(file, graphPage({ graphs, base: "main" }));
  page = await openPage(path, pathToFileURL(file).href);
  return page;
}

function node(id: string, needs: readonly string[] = [], because: readonly string[] = []): PageNode {
  return { id, label: id, note: `packages/${id}`, needs: needs.map((need) => ({ id: need })), because };
}

const small: PageGraph = {
  title: "packages",
  nodes: [
    node("core"),
    node("ui", ["core"], ["packages/ui/a.ts changed"]),
    node("web", ["ui"], ["needs ui"]),
    node("</script><b>odd", ["core"]),
    node("cycle-a", ["cycle-b"]),
    node("cycle-b", ["cycle-a"]),
  ],
};

const noChromium = "no Chromium is installed (CHROMIUM_PATH names one elsewhere)";

test("the page searches, filters, marks what is affected, and says why on a click", async ({ skip }) => {
  if (chromium === null) return skip(noChromium);
  const { evaluate, errors } = await open([{ ...small, title: "tasks" }, small], chromium);
  const ids = (selector: string) =>
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map((box) => box.dataset.id)`;
  expect(await evaluate(ids(".node"))).toEqual(small.nodes.map(({ id }) => id));
  expect(await evaluate(ids(".node.affected"))).toEqual(["ui", "web"]);
  expect(await evaluate(`[...document.getElementById("kind").options].map((option) => option.text)`)).toEqual(
    ["tasks", "packages"],
  );
  const said = (text: string) =>
    `document.getElementById("details").textContent.includes(${JSON.stringify(text)})`;
  expect(await evaluate(said("affected since main (2)"))).toBe(true);
  await evaluate(`document.querySelector('[data-id="ui"]').dispatchEvent(new MouseEvent("click"))`);
  expect(await evaluate(said("packages/ui/a.ts changed"))).toBe(true);
  expect(await evaluate(said("affected since"))).toBe(false);
  expect(await evaluate(ids(".node.related"))).toEqual(["core", "ui", "web"]);
  expect(await evaluate(`document.querySelectorAll(".edge.lit").length`)).toBe(2);
  await evaluate(`document.getElementById("related").click()`);
  expect(await evaluate(ids(".node"))).toEqual(["core", "ui", "web"]);
  await evaluate(`document.getElementById("related").click(); document.getElementById("affected").click()`);
  expect(await evaluate(ids(".node"))).toEqual(["ui", "web"]);
  await evaluate(
    `document.getElementById("affected").click(); search.value = "odd"; search.dispatchEvent(new Event("input"))`,
  );
  expect(await evaluate(ids(".node:not(.dim)"))).toEqual(["</script><b>odd"]);
  await evaluate(`dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }))`);
  expect(await evaluate(said("found (1)"))).toBe(true);
  await evaluate(`search.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }))`);
  expect(await evaluate(ids(".node.selected"))).toEqual(["</script><b>odd"]);
  expect(await evaluate(`document.querySelector("b")`)).toBeNull();
  expect(errors).toEqual([]);
});

test("what is needed stands to the left of what needs it, and a cycle does not hang", async ({ skip }) => {
  if (chromium === null) return skip(noChromium);
  const { evaluate } = await open([small], chromium);
  const left = (id: string) => `document.querySelector('[data-id="${id}"]').getBoundingClientRect().left`;
  const [core, ui, web] = await Promise.all(["core", "ui", "web"].map((id) => evaluate(left(id))));
  expect(core).toBeLessThan(Number(ui));
  expect(ui).toBeLessThan(Number(web));
});

test("a thousand packages are drawn whole, inside of the window, and answer a click", async ({ skip }) => {
  if (chromium === null) return skip(noChromium);
  const nodes = Array.from({ length: 1000 }, (_, at) => {
    const needs =
      at < 50 ? [] : [1, 7, 13].map((step) => `package-${Math.floor((at * step) / (step + 3)) % at}`);
    return node(`package-${at}`, [...new Set(needs)], at % 10 === 0 ? ["a.ts changed"] : []);
  });
  const { evaluate, errors } = await open([{ title: "packages", nodes }], chromium);
  expect(await evaluate(`document.querySelectorAll(".node").length`)).toBe(1000);
  const isInside = `(() => {
    const frame = document.getElementById("graph").getBoundingClientRect();
    return [...document.querySelectorAll(".node")].every((box) => {
      const { left, right, top, bottom } = box.getBoundingClientRect();
      return left >= frame.left && right <= frame.right && top >= frame.top && bottom <= frame.bottom;
    });
  })()`;
  expect(await evaluate(isInside)).toBe(true);
  const took = `(() => {
    const started = performance.now();
    document.querySelector('[data-id="package-500"]').dispatchEvent(new MouseEvent("click"));
    return performance.now() - started;
  })()`;
  process.stdout.write(`a click among 1000 packages: ${Math.round(Number(await evaluate(took)))} ms\n`);
  expect(await evaluate(`document.querySelector(".node.selected").dataset.id`)).toBe("package-500");
  // From the list of what is affected to a node that can be read, in the middle of the window.
  await evaluate(`dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }))`);
  expect(await evaluate(`document.querySelectorAll("#details li").length`)).toBe(100);
  expect(await evaluate(`document.getElementById("graph").classList.contains("far")`)).toBe(true);
  await evaluate(`document.querySelector("#details li:nth-child(51) button").click()`);
  expect(await evaluate(`document.querySelector(".node.selected").dataset.id`)).toBe("package-500");
  expect(await evaluate(`document.getElementById("graph").classList.contains("far")`)).toBe(false);
  expect(await evaluate(`getComputedStyle(document.querySelector(".selected text")).display`)).not.toBe(
    "none",
  );
  expect(errors).toEqual([]);
});
