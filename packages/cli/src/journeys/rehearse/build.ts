import { UserError, type PackageName } from "@slipway/kernel";
import { planRun, type RunPlan } from "@slipway/plan";
import type { RunFinished } from "@slipway/run";
import type { Workspace, WorkspacePackage } from "@slipway/workspace";
import { plural } from "../../report/text.ts";
import { planScripts } from "../script-plan.ts";
import type { Phases } from "./phases.ts";

/** Carries a plan out in the checkout; its events go to whoever watches the rehearsal. */
export type CarryOut = (plan: RunPlan) => Promise<RunFinished>;

export interface BuildRequest {
  readonly workspace: Workspace;
  /** The packages of the release. */
  readonly names: readonly PackageName[];
  readonly task: string;
}

/**
 * Builds the packages of a release with all that their build needs. Packages without a build of their own are built by
 * the root's script, where it does more than start the builds of packages.
 *
 * @throws UserError release/build-failed
 */
export async function buildPackages(
  request: BuildRequest,
  carryOut: CarryOut,
  phases: Phases,
): Promise<void> {
  await phases.run("build", async () => {
    const plans = buildPlans(request, phases);
    let hits = 0;
    let tasks = 0;
    for (const plan of plans) {
      const finished = await carryOut(plan);
      if (finished.exit !== 0) throw buildFailed(finished);
      tasks += finished.tasks;
      hits += finished.hits;
    }
    const summary = tasks === 0 ? "nothing to build" : `${plural(tasks, "task")}, ${hits} from the cache`;
    return { value: undefined, summary };
  });
}

function buildPlans(request: BuildRequest, phases: Phases): RunPlan[] {
  const { workspace, task } = request;
  const names = new Set(request.names);
  const packages = workspace.packages.filter(({ name }) => names.has(name));
  const built = packages.filter((each) => hasTask(workspace, each, task));
  const plans: RunPlan[] = [];
  const root = workspace.packages.find(({ dir }) => dir === "");
  const script = root?.scripts[task];
  const unbuilt = packages.filter((each) => !built.includes(each));
  if (root && script !== undefined && unbuilt.some(({ dir }) => dir !== "")) {
    if (onlyStartsTasks(script))
      phases.note(
        `the root's script "${task}" only starts the builds of packages, and was left out: ${script}`,
      );
    else plans.push(planScripts(workspace, [{ of: root, script: task }]));
  }
  if (built.length > 0) {
    const chosen = built.map(({ name }) => ({ name, because: [] }));
    const planned = planRun(workspace, {
      tasks: [task],
      packages: chosen,
      configuration: null,
      args: [],
      only: false,
    });
    if (!planned.ok) throw UserError.of(planned.problems);
    plans.push(planned.value);
  }
  return plans;
}

function hasTask(workspace: Workspace, each: WorkspacePackage, task: string): boolean {
  return workspace.tasks.rules.some(
    (rule) => rule.package === each.name && rule.task === task && rule.action !== null,
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
