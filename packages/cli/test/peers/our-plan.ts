import { loadWorkspace } from "../../src/wire/load-workspace.ts";
import { requestRun, type RunFlags } from "../../src/journeys/run-request.ts";
import type { RunPlan } from "@slipway/plan";
import { join } from "node:path";

/** The plan that Slipway makes for words typed behind `run`, in the few flags that fixtures use. */
export async function ourPlan(root: string, words: readonly string[], cwd = ""): Promise<RunPlan> {
  const { workspace } = loadWorkspace(root);
  const surroundings = { root, cwd: join(root, cwd), env: {}, workspace };
  const { plan } = await requestRun(flagsOf(words), surroundings);
  return plan;
}

/** Task names by package, as configured: what a plan has beside them only forwards. */
export function configuredTasks(root: string): ReadonlySet<string> {
  return new Set(loadWorkspace(root).workspace.tasks.rules.map((rule) => `${rule.package}#${rule.task}`));
}

export function flagsOf(words: readonly string[]): RunFlags {
  const end = words.indexOf("--");
  const own = end === -1 ? words : words.slice(0, end);
  const valuesOf = (flag: string): string[] =>
    own.filter((word) => word.startsWith(`--${flag}=`)).map((word) => word.slice(flag.length + 3));
  return {
    tasks: own.filter((word) => !word.startsWith("-")),
    filters: valuesOf("filter"),
    projects: valuesOf("projects"),
    exclude: valuesOf("exclude"),
    affected: own.includes("--affected"),
    affectedBy: own.includes("--affected-by=packages") ? "packages" : "inputs",
    base: valuesOf("base")[0] ?? null,
    head: valuesOf("head")[0] ?? null,
    strict: false,
    configuration: valuesOf("configuration")[0] ?? null,
    only: own.includes("--only"),
    args: end === -1 ? [] : words.slice(end + 1),
  };
}
