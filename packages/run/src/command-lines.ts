import { isRecord, type RelativePath } from "@slipway/kernel";
import type { PlannedTask } from "@slipway/plan";
import { filledCommand } from "@slipway/workspace";
import type { ExecutorCall, Platform } from "./ports.ts";
import type { ScriptLines } from "./scripts.ts";

/** One process of a task: a shell line, where it runs, and what it sees beyond the task's environment. */
export interface CommandLine {
  readonly line: string;
  readonly dir: RelativePath;
  readonly env: Readonly<Record<string, string>>;
  /** Set where it is nx that carries it out; `line` is what to start when this nx can only be started. */
  readonly executor?: ExecutorCall;
}

/** How the repository's package manager runs scripts. */
export interface ScriptHabits {
  /** `pnpm/10.1.0 npm/? node/v24.1.0 linux x64`, as `npm_config_user_agent` has it. */
  readonly manager: { readonly name: string; readonly version: string | null };
  readonly prePost: boolean;
  /** From .npmrc: the shell for scripts, and what NODE_OPTIONS is set to. */
  readonly shell: string | null;
  readonly nodeOptions: string | null;
  /** `yarn run`: where nothing but the manager knows how a script finds its dependencies (Plug'n'Play); else null. */
  readonly runner: string | null;
  /** Absolute directory in which the user typed the command. */
  readonly initialDir: string;
}

export interface CommandContext {
  readonly habits: ScriptHabits;
  readonly platform: Platform;
  /** Absolute, with forward slashes. */
  readonly root: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly scripts: ScriptLines | null;
}

/** What to start, in order; those of one inner list run side by side. */
export function commandLines(
  task: PlannedTask,
  context: CommandContext,
): readonly (readonly CommandLine[])[] {
  const { action } = task;
  if (!action) return [];
  switch (action.kind) {
    case "script":
      return scriptLines(task, action.script, context).map((line) => [line]);
    case "commands": {
      const lines = typedCommands(action, task.args).map((line) => ({
        line,
        dir: action.cwd,
        env: action.env,
      }));
      return action.parallel ? [lines] : lines.map((line) => [line]);
    }
    case "executor": {
      const project = task.project ?? task.package;
      const configuration = task.configuration ?? null;
      const target = `${project}:${task.task}${configuration === null ? "" : `:${configuration}`}`;
      const line = `nx run ${quoteWord(target)} --excludeTaskDependencies --skipNxCache${quoted(task.args)}`;
      const executor = { project, target: task.task, configuration, args: task.args };
      return [[{ line, dir: "", env: { NX_DAEMON: "false" }, executor }]];
    }
  }
}

function typedCommands(
  { commands, placed }: Extract<NonNullable<PlannedTask["action"]>, { kind: "commands" }>,
  args: readonly string[],
): readonly string[] {
  if (!placed) return commands.map((command) => `${command}${quoted(args)}`);
  return placed.templates.map((each) => filledCommand(each, placed.given, args.map(quoteWord)));
}

function scriptLines(task: PlannedTask, script: string, context: CommandContext): CommandLine[] {
  const { scripts, habits } = context;
  if (!scripts) return [];
  if (habits.runner !== null) {
    const line = `${habits.runner} ${quoteWord(script)}${quoted(task.args)}`;
    return [{ line, dir: task.dir, env: { INIT_CWD: habits.initialDir } }];
  }
  const lines: [string, string | null][] = [
    [`pre${script}`, scripts.pre],
    [script, `${scripts.main}${quoted(task.args)}`],
    [`post${script}`, scripts.post],
  ];
  return lines.flatMap(([event, line]) =>
    line === null ? [] : [{ line, dir: task.dir, env: lifecycleEnvironment(task, { event, line }, context) }],
  );
}

/** The variables that a package manager sets for a script. Source: npm's documentation of `scripts`, "Environment". */
function lifecycleEnvironment(
  task: PlannedTask,
  script: { readonly event: string; readonly line: string },
  { manifest, root, habits, platform }: CommandContext,
): Record<string, string> {
  const dir = task.dir === "" ? root : `${root}/${task.dir}`;
  const { name, version } = habits.manager;
  const node = platform.node ?? "?";
  return {
    INIT_CWD: habits.initialDir,
    npm_command: "run-script",
    npm_lifecycle_event: script.event,
    npm_lifecycle_script: script.line,
    npm_package_json: `${dir}/package.json`,
    npm_package_name: textOf(manifest["name"]),
    npm_package_version: textOf(manifest["version"]),
    npm_config_user_agent: `${name}/${version ?? "?"} npm/? node/${node} ${platform.os} ${platform.arch}`,
    ...(platform.nodePath ? { NODE: platform.nodePath, npm_node_execpath: platform.nodePath } : {}),
    ...(habits.nodeOptions ? { NODE_OPTIONS: habits.nodeOptions } : {}),
    ...(name === "pnpm" ? { PNPM_SCRIPT_SRC_DIR: dir } : {}),
    ...flattened("npm_package_config", manifest["config"]),
    ...flattened("npm_package_engines", manifest["engines"]),
    ...binVariables(manifest),
  };
}

function flattened(prefix: string, value: unknown): Record<string, string> {
  if (isRecord(value)) {
    return Object.assign(
      {},
      ...Object.entries(value).map(([key, item]) => flattened(`${prefix}_${key}`, item)),
    );
  }
  return value === undefined || value === null ? {} : { [prefix]: textOf(value) };
}

function binVariables({ name, bin }: Readonly<Record<string, unknown>>): Record<string, string> {
  if (typeof bin !== "string") return flattened("npm_package_bin", bin);
  return { [`npm_package_bin_${textOf(name).replace(/^@[^/]*\//, "")}`]: bin };
}

function textOf(value: unknown): string {
  return typeof value === "string"
    ? value
    : value === undefined || value === null
      ? ""
      : JSON.stringify(value);
}

function quoted(args: readonly string[]): string {
  return args.map((word) => ` ${quoteWord(word)}`).join("");
}

/** A word as the shell takes it literally. */
function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** `node_modules/.bin` of the directory and of every one above it up to the root, nearest first. */
export function binPath(dir: RelativePath, root: string, path: string): string {
  const parts = dir === "" ? [] : dir.split("/");
  const dirs = parts.map((_, at) => parts.slice(0, parts.length - at).join("/"));
  const bins = [...dirs.map((each) => `${root}/${each}`), root].map((each) => `${each}/node_modules/.bin`);
  return [...bins, ...(path === "" ? [] : [path])].join(":");
}
