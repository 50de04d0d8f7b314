import type { PlannedTask } from "@slipway/plan";
import type { TaskRule, Workspace, WorkspacePackage } from "@slipway/workspace";
import { painter } from "./paint.ts";
import { columns, inOneLine, plural } from "./text.ts";

/** What `show PACKAGE#TASK --json` prints; docs/schema/show-task.json describes it. */
export interface ShownTask {
  readonly schema: 1;
  readonly task: Omit<PlannedTask, "args" | "because">;
  /** By field: the file and line that it was declared at; fields that are not here are as by default. */
  readonly sources: TaskRule["sources"];
  /** Only when asked for: root-relative, sorted. */
  readonly files?: readonly string[];
}

/** All packages and their tasks, and what decided how they were read. */
export function workspaceText({ manager, tasks, packages }: Workspace, color: boolean): string {
  const paint = painter(color);
  const named = new Map<string, string[]>();
  for (const { package: name, task, action } of tasks.rules) {
    if (action) named.set(name, [...(named.get(name) ?? []), task]);
  }
  const version = manager.version === null ? "" : ` ${manager.version}`;
  const others = tasks.others.filter((other) => other !== "scripts");
  const beside = others.length > 0 ? `; also there: ${others.join(", ")}` : "";
  const rows = packages.map(({ name, dir }) => [
    paint("bold", name),
    dir === "" ? "(the root)" : dir,
    paint("dim", (named.get(name) ?? []).toSorted().join(", ")),
  ]);
  return [
    `package manager  ${manager.name}${version} (from ${manager.because})`,
    `tasks            from ${tasks.source}: ${tasks.because}${beside}`,
    "",
    ...columns(rows),
    "",
    plural(packages.length, "package"),
  ].join("\n");
}

export function packageText(shown: WorkspacePackage, rules: readonly TaskRule[], color: boolean): string {
  const paint = painter(color);
  const facts = [
    ["directory", shown.dir === "" ? "(the root)" : shown.dir],
    ["version", `${shown.version ?? "none"}${shown.private ? ", private" : ""}`],
    ...(shown.tags.length > 0 ? [["tags", shown.tags.join(", ")]] : []),
    ...(shown.aliases.length > 0 ? [["also called", shown.aliases.join(", ")]] : []),
  ];
  const needs = shown.edges.map(({ to, kind, range }) => [to, kind, paint("dim", range)]);
  const tasks = rules.map(({ task, action, sources }) => [
    paint("bold", task),
    actionText(action),
    paint("dim", [...new Set(Object.values(sources))].join(", ")),
  ]);
  return [
    paint("bold", shown.name),
    ...indented(columns(facts)),
    ...part("needs", columns(needs)),
    ...part("tasks", columns(tasks)),
  ].join("\n");
}

export function taskText({ task, sources, files }: ShownTask, color: boolean): string {
  const paint = painter(color);
  const { inputSpec } = task;
  const facts: [name: string, value: string, field: string][] = [
    ["needs", task.needs.join(", "), "dependsOn"],
    ["beside", task.with.join(", "), "with"],
    ["inputs", task.inputs.join(", ") || "all files of the package", "inputs"],
    ["outputs", task.outputs.join(", "), "outputs"],
    ["cached", task.cache ? "yes" : "no", "cache"],
    ["variables", [...task.env, ...inputSpec.env].join(", "), "env"],
    ["sees also", task.passThroughEnv.join(", "), "passThroughEnv"],
    ["runtime", inputSpec.runtime.join(", "), "inputs"],
    ["never ends", task.persistent ? "yes" : "", "persistent"],
    ["runs alone", task.parallelism ? "" : "yes", "parallelism"],
    ["shows", task.outputLogs === "full" ? "" : task.outputLogs, "outputLogs"],
  ];
  const rows = facts
    .filter(([, value]) => value !== "")
    .map(([name, value, field]) => [name, value, paint("dim", sources[field] ?? "")]);
  return [
    `${paint("bold", task.id)}  ${task.command ?? "passes its needs through"}`,
    ...indented(columns([["directory", task.dir === "" ? "(the root)" : task.dir], ...rows])),
    ...(files ? part(plural(files.length, "input file"), files.map(inOneLine)) : []),
  ].join("\n");
}

function actionText(action: TaskRule["action"]): string {
  switch (action?.kind) {
    case undefined:
      return "passes its needs through";
    case "script":
      return `the script ${action.script}`;
    case "commands":
      return action.commands.join(action.parallel ? " & " : " && ");
    case "executor":
      return action.executor;
  }
}

function part(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...indented(lines)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
