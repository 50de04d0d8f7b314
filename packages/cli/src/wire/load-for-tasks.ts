import type { Outside } from "../command.ts";
import { sourceOf } from "../flags/selection.ts";
import { userCacheDir } from "./cache-dir.ts";
import { loadWorkspace, type LoadedWorkspace } from "./load-workspace.ts";

/** The workspace for a command that runs or shows tasks: the repository's own nx may be asked what its plugins infer. */
export function loadForTasks(
  { cwd, env, say }: Pick<Outside, "cwd" | "env" | "say">,
  tasksFrom: string | undefined,
): LoadedWorkspace {
  return loadWorkspace(cwd, { ...sourceOf(tasksFrom), askNx: { cacheDir: userCacheDir(env), env, say } });
}
