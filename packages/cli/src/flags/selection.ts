import type { ReadOptions, TaskSource } from "@slipway/workspace";
import type { Options, Values } from "../command.ts";

const sources = ["turbo", "nx", "pnpm", "scripts"] as const satisfies readonly TaskSource[];

/** Which packages a command is about: the same words everywhere. */
export const selectionFlags = {
  filter: {
    type: "text",
    short: "F",
    value: "WHAT",
    many: true,
    summary: "packages by name, glob, {dir}, [ref], with ... for what they need or who needs them, ! for not",
  },
  projects: {
    type: "text",
    short: "p",
    value: "NAMES",
    many: true,
    summary: "packages as nx names them, with commas",
  },
  exclude: { type: "text", value: "NAMES", many: true, summary: "packages to leave out, as nx names them" },
  affected: { type: "boolean", summary: "only what the changes since the base can reach" },
} as const satisfies Options;

/** What counts as changed. */
export const changeFlags = {
  base: {
    type: "text",
    value: "REF",
    summary: "the state to compare with; else what CI says, else the base branch",
  },
  head: {
    type: "text",
    value: "REF",
    summary: "the state to look at; else the work tree with all that is not committed",
  },
  strict: { type: "boolean", summary: "fail where git history is missing, instead of taking everything" },
} as const satisfies Options;

/** Where the rules of tasks come from. */
export const sourceFlags = {
  "tasks-from": {
    type: "text",
    value: "SOURCE",
    choices: sources,
    env: ["SLIPWAY_TASKS_FROM"],
    summary: "read the tasks from here where several stand side by side",
  },
  "root-turbo-json": {
    type: "text",
    value: "FILE",
    env: ["TURBO_ROOT_TURBO_JSON"],
    hidden: true,
    summary: "turbo: its file of the root, where that is not turbo.json; else as the root's scripts name it",
  },
} as const satisfies Options;

/** What was given of these; nothing is the ordinary. */
export type SourceValues = Partial<Values<typeof sourceFlags>>;

/** `-p a,b -p c` is three names. */
export function names(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(","))
    .map((name) => name.trim())
    .filter(Boolean);
}

export function sourceOf(value: string | undefined): ReadOptions {
  const tasksFrom = sources.find((source) => source === value);
  return tasksFrom === undefined ? {} : { tasksFrom };
}
