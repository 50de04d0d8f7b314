import { nxGraphNeed, rootTurboFile, type ReadOptions } from "@slipway/workspace";
import type { Outside } from "../command.ts";
import { sourceOf, type SourceValues } from "../flags/selection.ts";
import type { AskedNx } from "./ask-nx.ts";
import { readFilesAround, workspaceOf, type LoadedWorkspace, type WorkspaceFiles } from "./load-workspace.ts";

export interface WorkspaceForTasks extends LoadedWorkspace {
  /** What nx was asked about, where its plugins decide what the tasks are; null where the files say it all. */
  readonly askedNx: AskedNx | null;
  /** All directories that decide what the workspace is; null where more does. */
  readonly looked: WorkspaceFiles["looked"];
}

/** The workspace for a command that runs or shows tasks: the repository's own nx may be asked what its plugins infer. */
export async function loadForTasks(
  { cwd, env, say }: Pick<Outside, "cwd" | "env" | "say">,
  flags: SourceValues,
): Promise<WorkspaceForTasks> {
  const options = sourceOf(flags["tasks-from"]);
  const rootTurboJson = flags["root-turbo-json"] ?? (env["TURBO_ROOT_TURBO_JSON"] || undefined);
  const files = readFilesAround(cwd, rootTurboJson === undefined ? {} : { rootTurboJson });
  const need = isRuledByNx(files, options) ? nxGraphNeed(files) : "none";
  if (need === "none") {
    const looked = rootTurboJson === undefined ? files.looked : null;
    return { ...workspaceOf(files, { cwd, options }), askedNx: null, looked };
  }
  const { askNx } = await import("./ask-nx.ts");
  const { text, missing, asked } = await askNx(files.root, need, { env, say });
  const loaded = workspaceOf(files, { cwd, options, nxGraph: text });
  if (missing !== null) say(`warning: ${missing}; targets that its plugins infer are missing`);
  return { ...loaded, askedNx: asked, looked: null };
}

function isRuledByNx(texts: WorkspaceFiles, { tasksFrom }: ReadOptions): boolean {
  if (!texts.files.has("nx.json")) return false;
  return tasksFrom ? tasksFrom === "nx" : rootTurboFile(texts) === null;
}
