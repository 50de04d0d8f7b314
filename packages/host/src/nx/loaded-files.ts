import { readFileSync, realpathSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { moduleNames } from "./module-names.ts";

/** What stands behind a name without its ending, or with the ending that it gets when it is compiled. */
const endings = ["", ".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.js"];

/**
 * Files that programs load, themselves left out: by relative paths, and all of a package of this repository. What these
 * load counts as well.
 *
 * @param files all paths there are, relative to the root
 */
export function loadedFiles(root: string, programs: Iterable<string>, files: Iterable<string>): Set<string> {
  const known = new Set(files);
  const start = new Set(programs);
  const seen = new Set(start);
  const packages = new Map<string, readonly string[]>();
  for (const path of seen) {
    const text = textOf(join(root, path));
    for (const name of moduleNames(text)) {
      const found = name.startsWith(".") ? besides(path, name, known) : inPackage(name, path);
      for (const each of found) seen.add(each);
    }
  }
  for (const path of start) seen.delete(path);
  return seen;

  function inPackage(name: string, from: string): readonly string[] {
    const [bare = ""] = /^(?:@[^/]+\/)?[^/:]+/.exec(name) ?? [];
    const dir = bare === "" ? null : packageDir(root, bare, from);
    if (dir === null) return [];
    const found = packages.get(dir) ?? [...known].filter((path) => path.startsWith(`${dir}/`));
    packages.set(dir, found);
    return found;
  }
}

function besides(path: string, name: string, known: ReadonlySet<string>): readonly string[] {
  const base = posix.join(posix.dirname(path), name);
  const bases = [base, base.replace(/\.([cm]?)js$/, ".$1ts")];
  const found = bases
    .flatMap((each) => endings.map((ending) => each + ending))
    .find((each) => known.has(each));
  return found === undefined ? [] : [found];
}

/** Root-relative directory of an installed package that is a link into this repository. */
function packageDir(root: string, name: string, from: string): string | null {
  for (let at = dirname(from); ; at = dirname(at)) {
    try {
      const dir = relative(root, realpathSync(join(root, at, "node_modules", name)));
      const path = dir.split(sep).join("/");
      return path.startsWith("..") || path.includes("node_modules") ? null : path;
    } catch {
      if (at === "." || at === "") return null;
    }
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
