import type { PlannedTask } from "@slipway/plan";
import type { TaskEnded } from "./events.ts";

/** The end of a task of which nothing more is to be said. */
export function plainEnd(task: PlannedTask, status: "ok" | "skipped"): TaskEnded {
  const { id, package: packageName, task: name } = task;
  return { type: "task", id, package: packageName, task: name, status, cache: "off", durationMs: 0 };
}

/** That of a task which was asked to end because it will run again. */
export function outdated(ended: TaskEnded): TaskEnded {
  if (ended.status === "ok") return ended;
  return { ...ended, status: "skipped", reason: "its inputs changed while it ran" };
}
