import { isRecord } from "@slipway/kernel";
import type { TaskAction } from "../../types.ts";
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
  return {
    kind: "commands",
    commands: lines.map((line) => withArguments(line, options)),
    parallel: options["parallel"] !== false && lines.length > 1,
    cwd: typeof cwd === "string" ? normalDir(cwd) : "",
    env: isRecord(env)
      ? Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)]))
      : {},
    envFile: typeof envFile === "string" ? normalDir(envFile) : null,
    forwardAllArgs: options["forwardAllArgs"] !== false,
    readyWhen: typeof readyWhen === "string" ? [readyWhen] : strings(readyWhen),
  };
}

/** `{args.x}` and `{args}` take what options say; a line without them gets all of it at its end, unless it refuses. */
function withArguments(line: unknown, options: Config): string {
  const text = isRecord(line) ? line["command"] : line;
  if (typeof text !== "string") return "";
  const declared = Array.isArray(options["args"]) ? options["args"].map(String).join(" ") : options["args"];
  const args = typeof declared === "string" ? declared : "";
  const others = Object.entries(options).filter(([key, value]) => !ownOptions.has(key) && isPlain(value));
  if (text.includes("{args.")) {
    const values = new Map([
      ...others.map(([key, value]) => [key, String(value)] as const),
      ...parsedArguments(args),
    ]);
    return text.replaceAll(/\{args\.([\w.-]+)\}/g, (_, name: string) => values.get(name) ?? "");
  }
  const all = [...others.map(([key, value]) => `--${key}=${quoted(String(value))}`), args].filter(
    (each) => each !== "",
  );
  if (text.includes("{args}")) return text.replaceAll("{args}", all.join(" "));
  const forwards = isRecord(line)
    ? (line["forwardAllArgs"] ?? options["forwardAllArgs"])
    : options["forwardAllArgs"];
  return forwards === false ? text : [text, ...all].join(" ");
}

function quoted(value: string): string {
  return /\s/.test(value) && !/^["']/.test(value) ? `"${value}"` : value;
}

/** `--a=1 --b 2 --c` -> a: 1, b: 2, c: true. */
function parsedArguments(args: string): readonly (readonly [string, string])[] {
  const found = args.matchAll(/--([\w.-]+)(?:=|\s+(?!--))?("[^"]*"|[^\s"]+)?/g);
  return [...found].map(([, name = "", value]) => [name, value?.replaceAll('"', "") ?? "true"] as const);
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
