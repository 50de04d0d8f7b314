import type { TaskId } from "@slipway/kernel";
import type { PlannedTask } from "@slipway/plan";

/** Tells a run that a task's script starts which tasks it is part of, the outermost first, one a line. */
export const withinVariable = "SLIPWAY_WITHIN";

type Environment = Readonly<Record<string, string | undefined>>;

export function within(id: TaskId, root: string, env: Environment): string {
  return [...outer(env), entryOf(id, root)].join("\n");
}

/** Tasks of a plan that would start themselves, and so on without end. */
export function selfStarting(tasks: readonly PlannedTask[], root: string, env: Environment): PlannedTask[] {
  const running = new Set(outer(env));
  if (running.size === 0) return [];
  return tasks.filter(({ id, action }) => action !== null && running.has(entryOf(id, root)));
}

function entryOf(id: TaskId, root: string): string {
  return `${id} ${root}`;
}

function outer(env: Environment): readonly string[] {
  return (env[withinVariable] ?? "").split("\n").filter(Boolean);
}
