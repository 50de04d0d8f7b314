import type { TaskId } from "@slipway/kernel";
import type { PlannedTask, RunPlan } from "@slipway/plan";
import { runReasonText } from "./because.ts";
import { painter, type Paint } from "./paint.ts";
import { plural } from "./text.ts";

/** What `run --plan` shows to people: each task below what needs it, and why it is there. */
export function planText(plan: RunPlan, color: boolean): string {
  const paint = painter(color);
  const tasks = new Map(plan.tasks.map((task) => [task.id, task]));
  const needed = new Set(plan.tasks.flatMap((task) => task.needs));
  const roots = plan.tasks.filter((task) => !needed.has(task.id));
  const tree: Tree = { tasks, shown: new Set(), paint };
  const lines = roots.flatMap((task) => treeLines(task, tree, { first: "", rest: "" }));
  const commands = plan.tasks.filter((task) => task.command !== null).length;
  return [
    ...lines,
    ...(lines.length > 0 ? [""] : []),
    `${plural(commands, "task")} would run or come from the cache`,
  ].join("\n");
}

interface Tree {
  readonly tasks: ReadonlyMap<TaskId, PlannedTask>;
  readonly shown: Set<TaskId>;
  readonly paint: Paint;
}

function treeLines(task: PlannedTask, tree: Tree, indent: { first: string; rest: string }): string[] {
  const { paint, shown } = tree;
  const again = shown.has(task.id) && task.needs.length > 0;
  const line = `${indent.first}${paint("bold", task.id)}${shown.has(task.id) ? paint("dim", " (above)") : noteOf(task, paint)}`;
  if (again) return [line];
  shown.add(task.id);
  const needs = task.needs.flatMap((id) => tree.tasks.get(id) ?? []);
  const below = needs.flatMap((need, at) => {
    const last = at === needs.length - 1;
    return treeLines(need, tree, {
      first: `${indent.rest}${last ? "└─ " : "├─ "}`,
      rest: `${indent.rest}${last ? "   " : "│  "}`,
    });
  });
  return [line, ...below];
}

const COMMAND_CHARACTERS_MAX = 60;

function noteOf({ command, because, cache }: PlannedTask, paint: Paint): string {
  const [line = ""] = (command ?? "passes its needs through").split("\n");
  const short = line.length > COMMAND_CHARACTERS_MAX ? `${line.slice(0, COMMAND_CHARACTERS_MAX - 1)}…` : line;
  const facts = [
    ...because.filter((reason) => reason.kind !== "needed-by").map(runReasonText),
    ...(cache || command === null ? [] : ["not cached"]),
  ];
  return `  ${short}${facts.length > 0 ? paint("dim", `  (${facts.join("; ")})`) : ""}`;
}
