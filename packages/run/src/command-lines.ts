import type { RelativePath } from "@slipway/kernel";
import type { PlannedTask } from "@slipway/plan";
import { filledCommand } from "@slipway/workspace";
import { lifecycleEnvironment } from "./lifecycle-environment.ts";
import type { CommandContext } from "./script-habits.ts";
import type { ExecutorCall } from "./ports.ts";

/** One process of a task: a shell line, where it runs, and what it sees beyond the task's environment. */
export interface CommandLine {
  readonly line: string;
  readonly dir: RelativePath;
  readonly env: Readonly<Record<string, string>>;
  /** Set where it is nx that carries it out; `line` is what to start when this nx can only be started. */
  readonly executor?: ExecutorCall;
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
      const { forwarded } = action;
      const words = [...asFlags(forwarded ?? {}), ...task.args];
      const line = `nx run ${quoteWord(target)} --excludeTaskDependencies --skipNxCache${quoted(words)}`;
      const options = forwarded ? { options: forwarded } : {};
      const executor = { project, target: task.task, configuration, args: task.args, ...options };
      return [[{ line, dir: "", env: { NX_DAEMON: "false" }, executor }]];
    }
  }
}

function asFlags(options: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(options).map(
    ([name, value]) => `--${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
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
