import { UserError, type PackageName, type TaskId } from "@slipway/kernel";
import { planRun, type RunPlan } from "@slipway/plan";
import type { RunFinished } from "@slipway/run";
import type { Workspace, WorkspacePackage } from "@slipway/workspace";
import { planScripts } from "./script-plan.ts";
import { beforePacking } from "./seal-packages.ts";

/** Carries a plan out in a work tree; its events go to whoever watches. */
export type CarryOut = (plan: RunPlan) => Promise<RunFinished>;

export interface PackageBuild {
  /** In this order; empty when nothing has to be built. */
  readonly plans: readonly RunPlan[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/**
 * What builds the packages of a release with all that their build needs, and what the repository's own rules want done
 * before they are packed. Packages without a build of their own are built by the root's script, where it does more than
 * start the builds of packages.
 */
export function planBuild(workspace: Workspace, names: readonly PackageName[], task: string): PackageBuild {
  const chosen = new Set(names);
  const packages = workspace.packages.filter(({ name }) => chosen.has(name));
  const built = packages.filter((each) => hasTask(workspace, each, task));
  const root = workspace.packages.find(({ dir }) => dir === "");
  const script = root?.scripts[task];
  const plans: RunPlan[] = [];
  const notes: string[] = [];
  if (root && script !== undefined && packages.some((each) => !built.includes(each))) {
    if (onlyStartsTasks(script))
      notes.push(
        `the root's script "${task}" only starts the builds of packages, and was left out: ${script}`,
      );
    else plans.push(planScripts(workspace, [{ of: root, script: task }]));
  }
  const before = neededForPacking(workspace, packages);
  const asked = [...(built.length > 0 ? [task] : []), ...before];
  if (asked.length > 0) plans.push(planned(workspace, built, asked));
  return { plans, notes };
}

/**
 * Lifecycle scripts run on the copy that is packed. Where they are tasks too, as in turbo.json's
 * `"prepack": { "dependsOn": ["build", "build:api"] }`, what they need runs here.
 */
function neededForPacking(workspace: Workspace, packages: readonly WorkspacePackage[]): readonly TaskId[] {
  const lifecycle: readonly string[] = beforePacking;
  const scripts = beforePacking.filter((script) => packages.some((each) => hasTask(workspace, each, script)));
  if (scripts.length === 0) return [];
  const { tasks } = planned(workspace, packages, scripts);
  return tasks.filter((each) => !lifecycle.includes(each.task) && each.action !== null).map(({ id }) => id);
}

/**
 * @returns how many tasks there were, and how many came from the cache
 * @throws UserError release/build-failed
 */
export async function buildPackages(
  { plans }: PackageBuild,
  carryOut: CarryOut,
): Promise<{ readonly tasks: number; readonly hits: number }> {
  const total = { tasks: 0, hits: 0 };
  for (const plan of plans) {
    const finished = await carryOut(plan);
    if (finished.exit !== 0) throw buildFailed(finished);
    total.tasks += finished.tasks;
    total.hits += finished.hits;
  }
  return total;
}

function planned(
  workspace: Workspace,
  chosen: readonly WorkspacePackage[],
  tasks: readonly string[],
): RunPlan {
  const packages = chosen.map(({ name }) => ({ name, because: [] }));
  const plan = planRun(workspace, { tasks, packages, configuration: null, args: [], only: false });
  if (!plan.ok) throw UserError.of(plan.problems);
  return plan.value;
}

/** That `run` would start for it without being told its name. */
function hasTask(workspace: Workspace, each: WorkspacePackage, task: string): boolean {
  return workspace.tasks.rules.some(
    (rule) => rule.package === each.name && rule.task === task && rule.action !== null && !rule.onlyByName,
  );
}

/** `turbo run build`, `pnpm -r build`, `nx run-many -t build`: what Slipway does by itself, from its cache. */
function onlyStartsTasks(script: string): boolean {
  return /\b(turbo|nx|lerna|lage|moon|wsrun|ultra|workspaces? foreach)\b|\bpnpm\b.*(\s-r\b|--recursive|--filter|\s-F\b)|\bnpm\b.*(--workspaces|\s-ws?\b)|\bbun\b.*--filter|\byarn workspaces\b/.test(
    script,
  );
}

function buildFailed(finished: RunFinished): UserError {
  return new UserError("release/build-failed", `${finished.failed} of ${finished.tasks} build tasks failed`, {
    hint: "their output stands above; nothing was published",
  });
}
