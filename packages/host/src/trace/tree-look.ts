import { readdirSync } from "node:fs";
import { lookAt } from "../tree/look-at.ts";

/** Every file below a root as it stands, by path; `.git` and `node_modules` are left out. */
export type TreeLook = ReadonlyMap<string, string>;

export function lookAtTree(root: string): TreeLook {
  const found = new Map<string, string>();
  const visit = (dir: string): void => {
    for (const entry of readdirSync(dir === "" ? root : `${root}/${dir}`, { withFileTypes: true })) {
      if (entry.name === ".git" || entry.name === "node_modules") continue;
      const path = dir === "" ? entry.name : `${dir}/${entry.name}`;
      if (entry.isDirectory()) visit(path);
      else {
        const stat = lookAt(`${root}/${path}`);
        if (stat) found.set(path, `${stat.ino}:${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}`);
      }
    }
  };
  visit("");
  return found;
}

/** Files that came or changed between two looks, sorted. */
export function writtenBetween(before: TreeLook, after: TreeLook): string[] {
  return [...after]
    .filter(([path, mark]) => before.get(path) !== mark)
    .map(([path]) => path)
    .toSorted();
}
