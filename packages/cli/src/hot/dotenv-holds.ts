import type { DiskTree } from "@slipway/host";
import type { RunPlan } from "@slipway/plan";
import { dotenvTexts } from "@slipway/run";
import { defined } from "./hot-request.ts";

/**
 * True when every dotenv file that is there now was there when its tasks were looked at, and can be watched. To ask after
 * the directories' time stamps were taken: what comes later changes them.
 */
export function dotenvHolds(
  { source, tasks }: Pick<RunPlan, "source" | "tasks">,
  { tree, env }: { readonly tree: DiskTree; readonly env: NodeJS.ProcessEnv },
  watched: (id: string) => Readonly<Record<string, unknown>> | undefined,
): boolean {
  const sources = { source, tree: remembering(tree), env: defined(env) };
  return tasks.every((task) => {
    const marks = watched(task.id);
    return !marks || [...dotenvTexts(task, sources).keys()].every((path) => Object.hasOwn(marks, path));
  });
}

/** Most tasks share their directory, and all of them the root. */
function remembering(tree: DiskTree): Pick<DiskTree, "namesIn" | "text"> {
  const names = new Map<string, string[]>();
  return {
    text: (path) => tree.text(path),
    namesIn(dir) {
      const known = names.get(dir) ?? tree.namesIn(dir);
      names.set(dir, known);
      return known;
    },
  };
}
