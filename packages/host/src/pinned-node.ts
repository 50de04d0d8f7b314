import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The Node that a repository asks for by its version files, and where it says so; null when it does not. */
export function pinnedNode(root: string): { readonly version: string; readonly file: string } | null {
  for (const file of [".nvmrc", ".node-version"]) {
    const version = /^\s*v?(\d+(?:\.\d+){0,2})\s*$/m.exec(textOf(join(root, file)))?.[1];
    if (version !== undefined) return { version, file };
  }
  return null;
}

/** True when both name the same line of Node: what a repository pins below that is rarely what its build needs. */
export function isSameNodeLine(version: string, other: string): boolean {
  return majorOf(version) === majorOf(other);
}

function majorOf(version: string): string {
  return version.replace(/^v/, "").split(".")[0] ?? "";
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
