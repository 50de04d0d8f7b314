import type { PlannedTask } from "@slipway/plan";
import { nxDotenvFiles } from "@slipway/workspace";
import type { RelativePath } from "@slipway/kernel";
import type { WorkTree } from "./ports.ts";

/**
 * The dotenv files that are there for a task, with their texts, those that win first. Only nx gives tasks such variables;
 * `NX_LOAD_DOT_ENV_FILES=false` switches that off.
 */
export function dotenvTexts(
  task: Pick<PlannedTask, "dir" | "task" | "configuration" | "action">,
  { source, tree, env }: DotenvSources,
): ReadonlyMap<RelativePath, string> {
  if (source !== "nx" || env["NX_LOAD_DOT_ENV_FILES"] === "false") return new Map();
  const names = new Set(task.dir === "" ? [] : tree.namesIn(task.dir).map((name) => `${task.dir}/${name}`));
  for (const name of tree.namesIn("")) names.add(name);
  const paths = nxDotenvFiles(task.dir, task.task, task.configuration ?? null).filter((path) =>
    names.has(path),
  );
  const named = task.action?.kind === "commands" ? task.action.envFile : null;
  const texts = new Map<RelativePath, string>();
  for (const path of named === null ? paths : [...paths, named]) {
    const text = tree.text(path);
    if (text !== null) texts.set(path, text);
  }
  return texts;
}

export interface DotenvSources {
  /** Where the tasks come from. */
  readonly source: string;
  readonly tree: Pick<WorkTree, "namesIn" | "text">;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The variables that dotenv files define: the first file that defines a name wins, what is set outside of them beats
 * them all, and `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+instead}` stand for other variables.
 * Source: nx 24, tasks-runner/task-env, with the formats of dotenv 16 and dotenv-expand 12.
 */
export function dotenvVariables(
  texts: Iterable<string>,
  outer: Readonly<Record<string, string>>,
): Record<string, string> {
  const defined = new Map<string, string>();
  for (const text of texts) {
    for (const [name, value] of parsed(text)) if (!defined.has(name)) defined.set(name, value);
  }
  return Object.fromEntries([...defined.keys()].map((name) => [name, valueOf(name, { defined, outer }, [])]));
}

/** `NAME=value`, `export NAME="several\nlines"`, `NAME: value # comment`: one definition a line unless it is quoted. */
const definition =
  /^[ \t]*(?:export[ \t]+)?(?<name>[\w.-]+)(?:[ \t]*=[ \t]*|:[ \t]+)(?:'(?<single>(?:\\'|[^'])*)'|"(?<double>(?:\\"|[^"])*)"|`(?<back>(?:\\`|[^`])*)`|(?<plain>[^#\n]*))[ \t]*(?:#.*)?$/gm;

/** Within one file the last definition counts. */
function parsed(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const { groups = {} } of text.replaceAll(/\r\n?/g, "\n").matchAll(definition)) {
    const { name = "", single, double, back, plain = "" } = groups;
    const lines = double?.replaceAll(String.raw`\n`, "\n").replaceAll(String.raw`\r`, "\r");
    found.set(name, single ?? lines ?? back ?? plain.trim());
  }
  return found;
}

interface Scope {
  readonly defined: ReadonlyMap<string, string>;
  readonly outer: Readonly<Record<string, string>>;
}

const reference =
  /\\\$|\$\{(?<braced>[\w.]+)(?:(?<operator>:?[-+])(?<word>[^{}]*))?\}|\$(?<bare>[A-Za-z_]\w*)/g;

/** @param open names that are being expanded: one that refers to itself stands for nothing */
function valueOf(name: string, scope: Scope, open: readonly string[]): string {
  const set = scope.outer[name];
  if (set) return set;
  const text = scope.defined.get(name);
  if (text === undefined || open.includes(name)) return "";
  const inner = [...open, name];
  return text.replaceAll(reference, (match: string, ...rest: unknown[]) => {
    if (match === String.raw`\$`) return "$";
    const { braced, bare, operator = "", word = "" } = rest.at(-1) as Record<string, string | undefined>;
    const value = valueOf(braced ?? bare ?? "", scope, inner);
    if (operator.endsWith("+")) return value === "" ? "" : word;
    return value === "" ? word : value;
  });
}
