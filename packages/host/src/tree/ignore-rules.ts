import { readFileSync } from "node:fs";

interface Rule {
  readonly matches: RegExp;
  readonly negated: boolean;
  readonly directoriesOnly: boolean;
}

/**
 * What the .gitignore files of a directory and of those below it say, for where there is no git to ask. Paths are
 * relative to the root; one that ends in a slash is a directory, there or not.
 */
export class IgnoreRules {
  readonly #root: string;
  readonly #rules = new Map<string, readonly Rule[]>();
  readonly #dirs = new Map<string, boolean>();

  constructor(root: string) {
    this.#root = root;
  }

  ignores(path: string): boolean {
    const isDirectory = path.endsWith("/");
    const plain = isDirectory ? path.slice(0, -1) : path;
    const above = parentOf(plain);
    return (above !== "" && this.#ignoresDirectory(above)) || this.#judged(plain, isDirectory);
  }

  /** Below a directory that is ignored nothing can be taken back. */
  #ignoresDirectory(dir: string): boolean {
    const known = this.#dirs.get(dir);
    if (known !== undefined) return known;
    const ignored = this.ignores(`${dir}/`);
    this.#dirs.set(dir, ignored);
    return ignored;
  }

  /** The last rule that matches decides; those of a directory come after those above it. */
  #judged(path: string, isDirectory: boolean): boolean {
    for (let dir = parentOf(path); ; dir = parentOf(dir)) {
      const own = dir === "" ? path : path.slice(dir.length + 1);
      const rule = this.#rulesOf(dir).findLast(
        (each) => (isDirectory || !each.directoriesOnly) && each.matches.test(own),
      );
      if (rule) return !rule.negated;
      if (dir === "") return false;
    }
  }

  #rulesOf(dir: string): readonly Rule[] {
    const known = this.#rules.get(dir);
    if (known) return known;
    const rules = readRules(textOf(`${this.#root}/${dir === "" ? "" : `${dir}/`}.gitignore`));
    this.#rules.set(dir, rules);
    return rules;
  }
}

function readRules(text: string): Rule[] {
  return text
    .replace(/^\u{feff}/u, "")
    .split("\n")
    .flatMap((line) => readRule(line.replace(/\r$/, "")) ?? []);
}

function readRule(line: string): Rule | null {
  // Blanks at the end do not count, unless the last of them is escaped.
  const text = line.replace(/(?<!\\)((?:\\\\)*)[ \t]+$/, "$1");
  if (text === "" || text.startsWith("#")) return null;
  const negated = text.startsWith("!");
  const named = negated ? text.slice(1) : text;
  const directoriesOnly = named.endsWith("/");
  const plain = directoriesOnly ? named.slice(0, -1) : named;
  if (plain === "") return null;
  const isAnchored = plain.includes("/");
  try {
    const source = sourceOf(isAnchored ? plain.replace(/^\//, "") : plain);
    return {
      matches: new RegExp(`^${isAnchored ? "" : "(?:.*/)?"}${source}$`, "su"),
      negated,
      directoriesOnly,
    };
  } catch {
    // What is no pattern to git matches nothing.
    return null;
  }
}

const special = /\*{2,}\/|\/\*{2,}$|\*+|\?|\[[!^]?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|\\.|[^*?[\\]/gsu;

/** A regular expression's source for a pattern; only two stars between slashes cross them. */
function sourceOf(pattern: string): string {
  const parts = pattern.match(special) ?? [];
  if (parts.join("") !== pattern) throw new Error(`no pattern: ${pattern}`);
  let at = 0;
  return parts
    .map((part) => {
      const isAtStart = at === 0 || pattern[at - 1] === "/";
      at += part.length;
      return translated(part, isAtStart, isAtStart && at === pattern.length);
    })
    .join("");
}

/** @param isWhole nothing else stands between the slashes around it */
function translated(part: string, isAtStart: boolean, isWhole: boolean): string {
  if (/^\*{2,}\/$/.test(part)) return isAtStart ? "(?:.*/)?" : "[^/]*/";
  if (/^\/\*{2,}$/.test(part)) return "/.+";
  if (part.startsWith("*")) return part.length > 1 && isWhole ? ".*" : "[^/]*";
  if (part === "?") return "[^/]";
  if (part.startsWith("[") && part.length > 1) return bracket(part);
  if (part.startsWith("\\")) return escaped(part.slice(1));
  return escaped(part);
}

const classes: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  digit: "0-9",
  lower: "a-z",
  upper: "A-Z",
  space: " \t",
  xdigit: "0-9A-Fa-f",
};

function bracket(part: string): string {
  const negated = /^\[[!^]/.test(part);
  const inner = part
    .slice(negated ? 2 : 1, -1)
    .replaceAll(/\[:(\w+):\]/g, (_, name: string) => classes[name] ?? "")
    .replaceAll(/\\([A-Za-z0-9])/g, "$1")
    .replaceAll(/(?<!\\)[[\]^&~|]/g, String.raw`\$&`);
  return `(?!/)[${negated ? "^" : ""}${inner}]`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
