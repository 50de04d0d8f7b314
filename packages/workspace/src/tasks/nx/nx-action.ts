import { isRecord } from "@slipway/kernel";
import type { TaskAction } from "../../types.ts";
import type { NxProject } from "./nx-projects.ts";
import { strings } from "./nx-projects.ts";
import type { Config } from "./nx-target.ts";

/** What a target runs: a script, shell lines, nothing, or an executor that only the repository's own nx can run. */
export function nxAction(
  project: NxProject,
  target: { readonly name: string; readonly config: Config },
): TaskAction | null {
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
      return commands(project, options);
    default:
      return { kind: "executor", executor: String(executor), options };
  }
}

const ownOptions = new Set([
  "__unparsed__", "args", "color", "command", "commands", "cwd", "env", "envFile", "forwardAllArgs", "outputPath",
  "parallel", "readyWhen", "streamOutput", "tty", "usePty", "verbose",
]); // prettier-ignore

function commands(project: NxProject, options: Config): TaskAction {
  const fill = (text: string): string => filledCommand(text, project, options);
  const list = Array.isArray(options["commands"]) ? options["commands"] : [];
  const lines = typeof options["command"] === "string" ? [options["command"]] : list.map(lineOf);
  const args = argumentsText(options["args"]);
  const { env, envFile, cwd, readyWhen } = options;
  return {
    kind: "commands",
    commands: lines.map((line) => withArguments(fill(line), args)),
    parallel: options["parallel"] !== false && lines.length > 1,
    cwd: typeof cwd === "string" ? normalDir(fill(cwd)) : "",
    env: isRecord(env)
      ? Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)]))
      : {},
    envFile: typeof envFile === "string" ? fill(envFile) : null,
    forwardAllArgs: options["forwardAllArgs"] !== false,
    readyWhen: typeof readyWhen === "string" ? [readyWhen] : strings(readyWhen),
  };
}

function lineOf(command: unknown): string {
  const line = isRecord(command) ? command["command"] : command;
  return typeof line === "string" ? line : "";
}

function argumentsText(args: unknown): string {
  return Array.isArray(args) ? args.map(String).join(" ") : typeof args === "string" ? args : "";
}

/** A line that names arguments itself (`{args.x}`) gets no others. */
function withArguments(line: string, args: string): string {
  return args === "" || line.includes("{args.") ? line : `${line} ${args}`;
}

/** `{projectRoot}` and its like; `{args.x}` takes the option of that name where one is declared. */
function filledCommand(text: string, project: NxProject, options: Config): string {
  return text
    .replaceAll("{workspaceRoot}/", "")
    .replaceAll("{workspaceRoot}", ".")
    .replaceAll("{projectRoot}", project.dir === "" ? "." : project.dir)
    .replaceAll("{projectName}", project.projectName)
    .replaceAll(/\{args\.([\w.-]+)\}/g, (token, name: string) => {
      const value = ownOptions.has(name) ? undefined : options[name];
      return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
        ? String(value)
        : token;
    });
}

function normalDir(dir: string): string {
  const parts = dir.split("/").filter((part) => part !== "." && part !== "");
  return parts.join("/");
}
