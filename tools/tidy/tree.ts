import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor, type Program } from "oxc-parser";

/** Something that a rule does not allow, with its place. */
export interface Finding {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export type Rule = (tree: Tree) => Iterable<Finding>;

/** The repository as the rules see it. Paths are relative to its root, with forward slashes. */
export interface Tree {
  readonly modules: readonly Module[];
  /** Every text file that is not ignored, modules included. */
  readonly texts: ReadonlyMap<string, string>;
  /** What git lists: nothing of it may be missing above. */
  readonly tracked: readonly string[];
}

export interface Module {
  readonly path: string;
  /** The folder under packages/, or null outside of it. */
  readonly room: string | null;
  /** `src` is what a room is made of; all else (tests, tools, configuration) may look further. */
  readonly inSource: boolean;
  readonly text: string;
  readonly program: Program;
  readonly imports: readonly Import[];
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

const SKIPPED_FOLDERS = new Set(["node_modules", "dist", "coverage", ".git", ".slipway", ".nx", ".turbo"]);
/** Data of tests: broken on purpose, or a stranger's. */
const DATA_FOLDERS = new Set(["fixtures", "cases"]);
const TEXT_FILE = /\.(ts|mts|js|mjs|cjs|json|yaml|yml|md|sh|svg|html|css)$|\/(slipway|run)$/;
const MODULE_FILE = /\.(ts|mts|js|mjs|cjs)$/;

export function readTree(root: string): Tree {
  const listed = spawnSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });
  const tracked = listed.status === 0 ? listed.stdout.split("\0").filter(Boolean) : [];
  return treeOf(new Map(walk(root, "")), tracked);
}

export function treeOf(texts: ReadonlyMap<string, string>, tracked: readonly string[]): Tree {
  const modules = [...texts].filter(([path]) => isModule(path)).map(([path, text]) => moduleOf(path, text));
  return { modules, texts, tracked };
}

export function isModule(path: string): boolean {
  return MODULE_FILE.test(path) && !path.split("/").some((part) => DATA_FOLDERS.has(part));
}

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function* walk(root: string, folder: string): Generator<[string, string]> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name)) yield* walk(root, path);
    } else if (entry.isFile() && TEXT_FILE.test(path)) {
      yield [path, readFileSync(join(root, path), "utf8")];
    }
  }
}

function moduleOf(path: string, text: string): Module {
  const { program, module, errors } = parseSync(path, text);
  const [error] = errors;
  if (error) throw new Error(`${path}: ${error.message}`);
  const imports: Import[] = [];
  const add = (specifier: string, offset: number) => imports.push({ specifier, line: lineAt(text, offset) });
  for (const { moduleRequest } of module.staticImports) add(moduleRequest.value, moduleRequest.start);
  for (const { moduleRequest } of module.staticExports.flatMap((one) => one.entries)) {
    if (moduleRequest) add(moduleRequest.value, moduleRequest.start);
  }
  new Visitor({
    ImportExpression({ source }) {
      if (source.type === "Literal" && typeof source.value === "string") add(source.value, source.start);
    },
    TSImportType({ source }) {
      add(source.value, source.start);
    },
  }).visit(program);
  const [top, room = null, part] = path.split("/");
  return { path, room: top === "packages" ? room : null, inSource: part === "src", text, program, imports };
}
