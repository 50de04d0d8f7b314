import { closure, reversed, type TaskId } from "@slipway/kernel";
import type { RunPlan } from "@slipway/plan";
import type { TaskEnded } from "./events.ts";

/** A persistent task that nobody asked for is needed as long as a task that needs it, in however many steps, has not ended. */
export function unneededTasks({
  tasks,
}: RunPlan): (id: TaskId, ends: ReadonlyMap<TaskId, TaskEnded>) => boolean {
  const servers = tasks.filter(
    (task) => task.persistent && !task.because.some(({ kind }) => kind === "asked"),
  );
  if (servers.length === 0) return () => false;
  const links = new Map(tasks.map((task) => [task.id, [...task.needs, ...task.with]]));
  const users = reversed(new Map([...links].map(([id, to]) => [id, to.filter((one) => links.has(one))])));
  const all = new Map(servers.map(({ id }) => [id, [...closure(users, [id])].filter((one) => one !== id)]));
  return (id, ends) => all.get(id)?.every((one) => ends.has(one)) ?? false;
}
