import { isRecord } from "@slipway/kernel";
import picomatch from "picomatch";
import type { TaskNeed } from "../../types.ts";
import { matchNxProjects } from "./match-nx-projects.ts";
import type { NxProject } from "./nx-projects.ts";
import type { Config } from "./nx-target.ts";

export interface NxNeedContext {
  readonly projects: readonly NxProject[];
  readonly byProjectName: ReadonlyMap<string, NxProject>;
  /** Every target's name in the workspace. */
  readonly targetNames: readonly string[];
}

/** One entry of nx's dependsOn: `t`, `^t`, `project:t`, or an object with projects or dependencies. */
export function nxNeeds(entry: unknown, project: NxProject, context: NxNeedContext): readonly TaskNeed[] {
  if (typeof entry === "string") return fromText(entry, project, context);
  // Said among the target's faults.
  if (!isRecord(entry) || typeof entry["target"] !== "string") return [];
  const needs = fromObject({ ...entry, target: entry["target"] }, project, context);
  const handedOn = {
    ...(entry["params"] === "forward" ? { forwardsArguments: true as const } : {}),
    ...(entry["options"] === "forward" ? { forwardsOptions: true as const } : {}),
  };
  return needs.map((need) => ({ ...need, ...handedOn }));
}

function fromObject(
  { target, projects, dependencies }: Config & { readonly target: string },
  project: NxProject,
  context: NxNeedContext,
): readonly TaskNeed[] {
  if (projects === "self") return targets(target, context).map((task) => ({ kind: "self", task }));
  if (dependencies === true || projects === "dependencies") {
    return targets(target, context).map((task) => ({ kind: "dependencies", task }));
  }
  const patterns =
    typeof projects === "string" ? [projects] : Array.isArray(projects) ? projects.map(String) : null;
  if (!patterns) return fromText(target, project, context);
  return matchNxProjects(patterns, context.projects).flatMap((other) =>
    targets(target, context).map((task) => needOf(other, project, task)),
  );
}

function fromText(text: string, project: NxProject, context: NxNeedContext): readonly TaskNeed[] {
  if (text.startsWith("^"))
    return targets(text.slice(1), context).map((task) => ({ kind: "dependencies", task }));
  const at = text.indexOf(":");
  const other =
    at === -1 || project.targets.has(text) ? undefined : context.byProjectName.get(text.slice(0, at));
  if (!other) return targets(text, context).map((task) => ({ kind: "self", task }));
  return targets(text.slice(at + 1), context).map((task) => needOf(other, project, task));
}

function needOf(other: NxProject, project: NxProject, task: string): TaskNeed {
  return other === project ? { kind: "self", task } : { kind: "package", package: other.name, task };
}

/** A glob stands for every target's name that it matches. */
function targets(pattern: string, context: NxNeedContext): readonly string[] {
  if (!/[*?[\]{}()!+@]/.test(pattern)) return [pattern];
  const matches = picomatch(pattern);
  return context.targetNames.filter((name) => matches(name));
}
