import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "esbuild";

/**
 * Bundles imports from a room's index as imports from the files behind it: esbuild takes a barrel into a chunk with all
 * that it exports, and a command would load a whole room for one function.
 */
export function pastBarrels(root: string): Plugin {
  const barrels = new Map<string, ReadonlyMap<string, string>>();
  const barrelOf = (room: string): ReadonlyMap<string, string> => {
    const known = barrels.get(room) ?? exportsOf(join(root, "packages", room, "src/index.ts"));
    barrels.set(room, known);
    return known;
  };
  return {
    name: "past-barrels",
    setup(build) {
      build.onLoad({ filter: /[\\/]packages[\\/][a-z]+[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        return { contents: text.replaceAll(roomImport, (...match) => direct(match, barrelOf)), loader: "ts" };
      });
    },
  };
}

/** `import { a, type B, c as d } from "@slipway/room";`, on one line or several. */
const roomImport = /^import \{([^}]*)\} from "@slipway\/([a-z]+)";$/gm;

function direct(match: readonly unknown[], barrelOf: (room: string) => ReadonlyMap<string, string>): string {
  const [whole, names, room] = match as [string, string, string];
  const files = barrelOf(room);
  const wanted = names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && !name.startsWith("type "));
  const lines = wanted.map((name) => {
    const [exported = ""] = name.split(" as ");
    const file = files.get(exported);
    return file === undefined ? null : `import { ${name} } from ${JSON.stringify(file)};`;
  });
  if (lines.includes(null)) return whole;
  // On the lines where the import stood, so that a stack names the right ones.
  return `${lines.join(" ")}${"\n".repeat(whole.split("\n").length - 1)}`;
}

/** Which file each name of a barrel comes from. */
function exportsOf(barrel: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const [, names = "", file = ""] of readFileSync(barrel, "utf8").matchAll(
    /^export \{([^}]*)\} from "(\.[^"]*)";$/gm,
  )) {
    for (const name of names.split(",").map((each) => each.trim())) {
      // A name that the barrel changes has no import of the same form.
      if (/^\w+$/.test(name)) files.set(name, join(dirname(barrel), file));
    }
  }
  return files;
}
