import type { Findings } from "../parse/findings.ts";
import type { ReadOptions, WorkspaceTexts } from "../texts.ts";
import type { TaskConfiguration, TaskSource, WorkspacePackage } from "../types.ts";
import { scriptRules } from "./scripts.ts";

export interface TaskTexts {
  readonly texts: WorkspaceTexts;
  readonly packages: readonly WorkspacePackage[];
  /** pnpm-workspace.yaml as parsed. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly options: ReadOptions;
}

/** The task rules of the first source that is there: turbo, then nx, then pnpm's tasks, then the scripts. */
export function readTasks(input: TaskTexts, _findings: Findings): TaskConfiguration | null {
  const found: readonly TaskSource[] = ["scripts"];
  const source = input.options.tasksFrom ?? found[0] ?? "scripts";
  const others = found.filter((each) => each !== source);
  return {
    source,
    because: "there is no task configuration, so package scripts are tasks",
    others,
    ...scriptRules(input.packages),
  };
}
