import { isRecord } from "@slipway/kernel";
import type { GateSubject } from "./types.ts";

/** One leaf of `exports`, or one of the older fields. */
export interface EntryTarget {
  /** `.`, `./sub`, `./*`; the field's name for main, module and types. */
  readonly entry: string;
  /** Conditions on the way to it, outermost first. */
  readonly conditions: readonly string[];
  /** As declared: `./dist/index.js`. */
  readonly target: string;
}

/** Every file that the manifest promises. Targets that are switched off (`null`) are no promises. */
export function entryTargets(manifest: GateSubject["manifest"]): readonly EntryTarget[] {
  if (manifest["exports"] !== undefined && manifest["exports"] !== null) {
    return exportsByEntry(manifest["exports"]).flatMap(([entry, value]) => leaves(entry, value, []));
  }
  return ["main", "module", "types", "typings"].flatMap((field) => {
    const target = manifest[field];
    return typeof target === "string" && target !== "" ? [{ entry: field, conditions: [field], target }] : [];
  });
}

/** `exports` as [subpath, value] pairs, its short forms written out. */
export function exportsByEntry(exports: unknown): readonly (readonly [string, unknown])[] {
  if (!isRecord(exports)) return [[".", exports]];
  const keys = Object.keys(exports);
  return keys.some((key) => key.startsWith(".")) ? Object.entries(exports) : [[".", exports]];
}

/**
 * The target that Node picks under these conditions, `default` included; null when the entry is closed for them.
 * Source: PACKAGE_TARGET_RESOLVE in Node's "Modules: Packages".
 */
export function resolveTarget(value: unknown, conditions: ReadonlySet<string>): string | null {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) {
    for (const each of value) {
      const target = resolveTarget(each, conditions);
      if (target !== null) return target;
    }
    return null;
  }
  if (!isRecord(value)) return null;
  for (const [condition, each] of Object.entries(value)) {
    if (condition !== "default" && !conditions.has(condition)) continue;
    const target = resolveTarget(each, conditions);
    if (target !== null || each === null) return target;
  }
  return null;
}

/** Whether the tarball holds what a target names; for a pattern, at least one file that fits. */
export function isPacked(target: string, paths: ReadonlySet<string>): boolean {
  const path = packedPath(target);
  const star = path.indexOf("*");
  if (star === -1) return paths.has(path);
  const before = path.slice(0, star);
  const after = path.slice(path.lastIndexOf("*") + 1);
  for (const each of paths) {
    if (each.length > before.length + after.length && each.startsWith(before) && each.endsWith(after))
      return true;
  }
  return false;
}

/** As `main` and CommonJS resolve: the file, with an extension, or an index in the folder. */
export function isPackedLoosely(target: string, paths: ReadonlySet<string>): boolean {
  const path = packedPath(target);
  return [
    "",
    ".js",
    ".json",
    ".node",
    "/index.js",
    "/index.json",
    "/index.node",
    ".d.ts",
    "/index.d.ts",
  ].some((end) => paths.has(path === "" ? end.slice(1) : `${path}${end}`));
}

export function packedPath(target: string): string {
  return target
    .replace(/^(\.?\/)+/, "")
    .replace(/\/+$/, "")
    .replace(/^\.$/, "");
}

function leaves(entry: string, value: unknown, conditions: readonly string[]): EntryTarget[] {
  if (typeof value === "string") return [{ entry, conditions, target: value }];
  // Node takes the first element that is valid and never looks whether its file is there.
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((each) => leaves(entry, each, conditions));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([condition, each]) =>
    leaves(entry, each, [...conditions, condition]),
  );
}
