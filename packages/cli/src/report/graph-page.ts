import { readFileSync } from "node:fs";

/** One graph of the page: packages, or tasks. */
export interface PageGraph {
  readonly title: string;
  readonly nodes: readonly PageNode[];
}

export interface PageNode {
  readonly id: string;
  readonly label: string;
  /** A directory or a command. */
  readonly note: string;
  readonly needs: readonly { readonly id: string; readonly note?: string }[];
  /** Sentences; empty when it is not affected. */
  readonly because: readonly string[];
}

export interface PageContent {
  readonly graphs: readonly PageGraph[];
  /** What is affected is affected since it; null: nothing is marked. */
  readonly base: string | null;
}

/** One HTML file that needs nothing beside it and asks no server. */
export function graphPage(page: PageContent): string {
  const script = [part("graph.js"), part("layout.js"), part("page.js")]
    .map((text) => text.replaceAll(importOrExport, ""))
    .join("\n");
  const data = JSON.stringify(page).replaceAll("<", "\\u003c");
  return part("page.html")
    .replace("/*STYLE*/", () => part("page.css"))
    .replace("/*DATA*/", () => data)
    .replace("/*SCRIPT*/", () => script);
}

/** The parts are modules for readers and tools; in the page they are one. */
const importOrExport = /^import .*\n|^export (?=const|function)/gm;

/** One folder below the package's own, from src/report as from dist the first that is there. */
function part(name: string): string {
  for (const up of ["../graph-page/", "../../graph-page/"]) {
    try {
      return readFileSync(new URL(`${up}${name}`, import.meta.url), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new Error(`graph-page/${name} is missing from this installation`);
}
