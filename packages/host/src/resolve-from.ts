import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * The file of a module as if a file in `dir` had imported it.
 *
 * @returns null when nothing of this name is there
 */
export function resolveFrom(dir: string, specifier: string): string | null {
  try {
    return createRequire(join(dir, "x.js")).resolve(specifier);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // `require` does not see what a package exports for `import` only.
    if (code === "ERR_PACKAGE_PATH_NOT_EXPORTED") return importEntry(dir, specifier);
    if (code === "MODULE_NOT_FOUND") return null;
    throw error;
  }
}

function importEntry(dir: string, specifier: string): string | null {
  const [, name = "", rest = ""] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(specifier) ?? [];
  for (let at = dir; ; at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    const manifest = join(folder, "package.json");
    if (existsSync(manifest)) {
      const { exports } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly exports?: unknown };
      const target = importTarget(exports, `.${rest}`);
      return target === null ? null : join(folder, target);
    }
    if (dirname(at) === at) return null;
  }
}

/** The file that `import` gets from a package's exports; patterns are left to Node, which knows them by then. */
function importTarget(exports: unknown, path: string): string | null {
  if (typeof exports === "string") return path === "." ? exports : null;
  if (exports === null || typeof exports !== "object") return null;
  const record = exports as Readonly<Record<string, unknown>>;
  const entry = path in record ? record[path] : path === "." ? record : undefined;
  return conditional(entry);
}

function conditional(entry: unknown): string | null {
  if (typeof entry === "string") return entry;
  if (entry === null || typeof entry !== "object") return null;
  for (const [condition, value] of Object.entries(entry)) {
    if (!["import", "node", "default", "module-sync"].includes(condition)) continue;
    const found = conditional(value);
    if (found !== null) return found;
  }
  return null;
}
