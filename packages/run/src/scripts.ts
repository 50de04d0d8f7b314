import { isRecord } from "@slipway/kernel";
import type { PlannedTask } from "@slipway/plan";
import type { WorkTree } from "./ports.ts";

export type Manifest = Readonly<Record<string, unknown>>;

/** The texts that a script task runs, in this order; null where the package has no such script. */
export interface ScriptLines {
  readonly pre: string | null;
  readonly main: string;
  readonly post: string | null;
}

/** Null for a task that is no package script. */
export function scriptsOf(
  task: PlannedTask,
  manifest: Manifest | null,
  prePost: boolean,
): ScriptLines | null {
  if (task.action?.kind !== "script") return null;
  const { script } = task.action;
  const scripts = manifest?.["scripts"];
  const line = (name: string): string | null => {
    const text = isRecord(scripts) ? scripts[name] : undefined;
    return typeof text === "string" && text !== "" ? text : null;
  };
  return {
    pre: prePost ? line(`pre${script}`) : null,
    main: line(script) ?? task.command ?? "",
    post: prePost ? line(`post${script}`) : null,
  };
}

/** Null for a task that is no package script: nothing of it comes from there. */
export function manifestOf(task: PlannedTask, tree: WorkTree): Manifest | null {
  if (task.action?.kind !== "script") return null;
  const text = tree.text(task.dir === "" ? "package.json" : `${task.dir}/package.json`);
  if (text === null) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? parsed : {};
  } catch {
    // Reading the workspace has already refused it; it was damaged since, and the script will say so.
    return {};
  }
}
