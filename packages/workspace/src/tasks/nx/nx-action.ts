import { isRecord } from "@slipway/kernel";
import type { TaskAction } from "../../types.ts";
import {
  filledCommand,
  parsedArguments,
  type CommandArguments,
  type CommandTemplate,
} from "./nx-arguments.ts";
import type { NxProject } from "./nx-projects.ts";
import { strings } from "./nx-projects.ts";
import type { Config } from "./nx-target.ts";

/** What a target runs: a script, shell lines, nothing, or an executor that only the repository's own nx can run. */
export function nxAction(target: { readonly name: string; readonly config: Config }): TaskAction | null {
  const { executor } = target.config;
  const options = isRecord(target.config["options"]) ? target.config["options"] : {};
  switch (executor) {
    case undefined:
    case "nx:noop":
      return null;
    case "nx:run-script": {
      const { script } = options;
      return { kind: "script", script: typeof script === "string" ? script : target.name };
    }
    case "nx:run-commands":
      return commands(options);
    default:
      return { kind: "executor", executor: String(executor), options };
  }
}

/** Fills `{projectRoot}` and its like into options and configurations, as nx does when it reads them. */
export function withTokens(config: Config, project: NxProject): Config {
  const { options, configurations } = config;
  const filled: Record<string, unknown> = { ...config };
  if (options !== undefined) filled["options"] = filledValue(options, project);
  if (configurations !== undefined) filled["configurations"] = filledValue(configurations, project);
  return filled;
}

function filledValue(value: unknown, project: NxProject): unknown {
  if (typeof value === "string") {
    return value.includes("{") ? filledText(value, project) : value;
  }
  if (Array.isArray(value)) return value.map((each) => filledValue(each, project));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filledValue(each, project)]));
}

function filledText(text: string, project: NxProject): string {
  return text
    .replace(/^\{workspaceRoot\}\/?/, "")
    .replaceAll("{projectRoot}", project.dir === "" ? "." : project.dir)
    .replaceAll("{projectName}", project.projectName);
}

/** Options of nx:run-commands itself; all others are arguments of the command. Source: nx 24. */
const ownOptions = new Set(
  (
    "command commands color no-color parallel no-parallel readyWhen cwd args envFile __unparsed__ env usePty " +
    "streamOutput verbose forwardAllArgs tty"
  ).split(" "),
);

function commands(options: Config): TaskAction {
  const { env, envFile, cwd, readyWhen, command } = options;
  const single = Array.isArray(command) ? command.join(" ") : command;
  const lines: readonly unknown[] = typeof single === "string" ? [single] : listOf(options["commands"]);
  const { templates, given } = templatesOf(lines, options);
  const isPlaced = templates.some(({ text, forwards }) => text.includes("{args") || !forwards);
  return {
    kind: "commands",
    commands: templates.map((each) => filledCommand(each, given, [])),
    ...(isPlaced ? { placed: { templates, given } } : {}),
    parallel: options["parallel"] !== false && lines.length > 1,
    cwd: typeof cwd === "string" ? normalDir(cwd) : "",
    env: isRecord(env)
      ? Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)]))
      : {},
    envFile: typeof envFile === "string" ? normalDir(envFile) : null,
    readyWhen: typeof readyWhen === "string" ? [readyWhen] : strings(readyWhen),
  };
}

/** What arguments go into, and what options give: typed ones come with the run. */
function templatesOf(
  lines: readonly unknown[],
  options: Config,
): { readonly templates: readonly CommandTemplate[]; readonly given: CommandArguments } {
  const declared = Array.isArray(options["args"]) ? options["args"].map(String).join(" ") : options["args"];
  const args = typeof declared === "string" ? declared : "";
  const others = Object.entries(options)
    .filter(([key, value]) => !ownOptions.has(key) && isPlain(value))
    .map(([key, value]) => [key, String(value)] as const);
  const tail = [...others.map(([key, value]) => `--${key}=${quoted(value)}`), ...(args === "" ? [] : [args])];
  const templates = lines.map((line): CommandTemplate => {
    const text = isRecord(line) ? line["command"] : line;
    const own = isRecord(line) ? line["forwardAllArgs"] : undefined;
    const forwards = (own ?? options["forwardAllArgs"]) !== false;
    return { text: typeof text === "string" ? text : "", forwards };
  });
  return { templates, given: { values: Object.fromEntries([...others, ...parsedArguments(args)]), tail } };
}

function quoted(value: string): string {
  return /\s/.test(value) && !/^["']/.test(value) ? `"${value}"` : value;
}

function isPlain(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function normalDir(dir: string): string {
  const parts = dir.split("/").filter((part) => part !== "." && part !== "");
  return parts.join("/");
}
