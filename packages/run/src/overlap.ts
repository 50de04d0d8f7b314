import type { TaskId } from "@slipway/kernel";
import type { TaskEnded } from "./events.ts";
import type { SharedOutput } from "./shared-outputs.ts";
import type { Said } from "./surroundings.ts";

/** One task goes on with what the other made, as post-processing does: right, but nobody can tell whose the file is. */
export function sharedInOrder(id: TaskId, shared: SharedOutput): Said {
  const what =
    shared.how === "written" ? `is an output of ${shared.by} and of ${id}` : removedText(id, shared);
  return {
    code: "outputs/shared",
    message: `${named(shared)} ${what}; whose it is cannot be told, so the result of ${id} is not stored`,
    hint: "give each task outputs of its own, or let one of them declare what both make",
  };
}

type Overlap = Required<Pick<TaskEnded, "status" | "cache" | "reason" | "code" | "hint">>;

/** How a task ends that writes over what another one made, in an order that is chance. */
export function overlapEnd(id: TaskId, shared: SharedOutput): Overlap {
  const { by, how } = shared;
  const what = how === "written" ? `is an output of ${by} and of ${id}` : removedText(id, shared);
  return {
    status: "failed",
    cache: "off",
    code: "task/outputs-overlap",
    reason: `${named(shared)} ${what}, and no dependency says which of them comes first; its result is not stored`,
    hint: `let ${id} depend on ${by} (or the other way round), or give each of them outputs that only it writes`,
  };
}

function removedText(id: TaskId, { by }: SharedOutput): string {
  return `is an output of ${by} and was removed by ${id}`;
}

function named({ path, more }: SharedOutput): string {
  return more === 0 ? path : `${path} (and ${more} more)`;
}
