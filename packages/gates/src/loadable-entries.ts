import { exportsByEntry, packedPath, resolveTarget } from "./entry-points.ts";
import type { GateSubject } from "./types.ts";

/** One way in which a user's Node program can load one entry. */
export interface LoadableEntry {
  /** `name`, `name/sub`. */
  readonly specifier: string;
  readonly how: "import" | "require";
  /** The packed path that it leads to. */
  readonly path: string;
}

/** Entries that lead to JavaScript under Node's own conditions. Patterns, styles, types and JSON are not loaded. */
export function loadableEntries(subject: GateSubject): readonly LoadableEntry[] {
  const { manifest } = subject;
  if (manifest["exports"] === undefined || manifest["exports"] === null) return mainEntry(subject);
  return exportsByEntry(manifest["exports"]).flatMap(([entry, value]) => {
    if (entry.includes("*")) return [];
    const specifier = entry === "." ? subject.name : `${subject.name}${entry.slice(1)}`;
    return (["import", "require"] as const).flatMap((how) => {
      const target = resolveTarget(value, new Set(["node", how, "module-sync"]));
      if (target === null || !isJavaScript(target)) return [];
      const path = packedPath(target);
      return how === "require" && isModule(path, subject) ? [] : [{ specifier, how, path }];
    });
  });
}

function mainEntry(subject: GateSubject): LoadableEntry[] {
  const { manifest, files, name } = subject;
  const main = typeof manifest["main"] === "string" ? packedPath(manifest["main"]) : "";
  const path = [main, `${main}.js`, `${main}/index.js`, "index.js"].find((each) =>
    files.paths.includes(each),
  );
  if (path === undefined || !isJavaScript(path)) return [];
  const entry = { specifier: name, path };
  return isModule(path, subject)
    ? [{ ...entry, how: "import" }]
    : [
        { ...entry, how: "import" },
        { ...entry, how: "require" },
      ];
}

function isJavaScript(target: string): boolean {
  return /\.[cm]?js$/.test(target) || !/\.[^/]*$/.test(target.replace(/^\.+\//, ""));
}

/** Whether Node takes a file for an ES module: requiring those works in new versions of Node only, so nobody promises it. */
function isModule(path: string, { files, manifest }: GateSubject): boolean {
  if (path.endsWith(".mjs")) return true;
  if (path.endsWith(".cjs")) return false;
  for (let dir = parentOf(path); dir !== ""; dir = parentOf(dir)) {
    const bytes = files.read(`${dir}/package.json`);
    if (bytes) return typeOf(bytes) === "module";
  }
  return manifest["type"] === "module";
}

function parentOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

function typeOf(bytes: Uint8Array): unknown {
  try {
    return (JSON.parse(textOf(bytes)) as { type?: unknown } | null)?.type;
  } catch {
    return undefined;
  }
}

/** Manifests of nested folders hold ASCII; anything else in them is no word that is looked for. */
function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
