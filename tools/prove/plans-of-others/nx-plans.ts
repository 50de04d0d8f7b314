import { askNx, type NxAnswers, type NxPlan } from "../../../packages/cli/test/peers/peers.ts";
import { planRun, type PlannedTask } from "../../../packages/plan/src/index.ts";
import type { Workspace } from "../../../packages/workspace/src/index.ts";
import type { Facts, Planned } from "./facts.ts";

/** Every target's name asked for alone: nx's own modules plan them all in one process. */
export function nxSides(
  root: string,
  workspace: Workspace,
  names: readonly string[],
): readonly { readonly ours: Planned; readonly theirs: Planned }[] {
  const { plans, projects } = askNx(root, { plans: names.map((name) => ({ targets: [name] })) });
  return names.map((name, at) => ({
    ours: ourTasks(workspace, name),
    theirs: nxTasks(plans[at] ?? { fails: "no plan" }, projects),
  }));
}

function ourTasks(workspace: Workspace, name: string): Planned {
  const request = { tasks: [name], packages: null, configuration: null, args: [], only: false };
  const planned = planRun(workspace, request);
  if (!planned.ok) return { fails: planned.problems.map(({ message }) => message).join("; ") };
  const byId = new Map<string, PlannedTask>(planned.value.tasks.map((one) => [one.id, one]));
  const configured = new Set(workspace.tasks.rules.map((rule) => `${rule.package}#${rule.task}`));
  const isReal = (one: PlannedTask): boolean => configured.has(`${one.package}#${one.task}`);
  // nx has no task for a project that lacks the target: its needs go through it, and so they do here.
  const realNeeds = (one: PlannedTask, seen: Set<string>): PlannedTask[] =>
    one.needs.flatMap((id) => {
      const need = byId.get(id);
      if (!need || seen.has(id)) return [];
      if (isReal(need)) return [need];
      seen.add(id);
      return realNeeds(need, seen);
    });
  const facts = [...byId.values()].filter(isReal).map((one): [string, Facts] => {
    const needs = new Set(realNeeds(one, new Set()).map(label));
    needs.delete(label(one));
    const { cache, parallelism, persistent, outputSpec } = one;
    const { include } = outputSpec;
    // Each output stands in a plan with all that may be below it.
    const outputs = include.filter((glob) => !include.some((each) => glob === `${each}/**`)).toSorted();
    return [
      label(one),
      { needs: [...needs].toSorted(), cache, parallelism, continuous: persistent, outputs },
    ];
  });
  return new Map(facts);
}

function label({ dir, task, configuration }: PlannedTask): string {
  return labelOf(dir, task, configuration);
}

function nxTasks(plan: NxPlan, projects: NxAnswers["projects"]): Planned {
  if ("fails" in plan) return plan;
  const labels = new Map(
    plan.tasks.map(({ id, project, target, configuration }) => {
      return [id, labelOf(projects[project] ?? project, target, configuration)] as const;
    }),
  );
  const facts = plan.tasks.map(({ id, needs, cache, parallelism, continuous, outputs }): [string, Facts] => {
    const named = [...new Set(needs.map((need) => labels.get(need) ?? need))].toSorted();
    const written = outputs.filter((each) => !each.startsWith("!")).map(plain);
    return [
      labels.get(id) ?? id,
      { needs: named, cache, parallelism, continuous, outputs: written.toSorted() },
    ];
  });
  return new Map(facts);
}

function labelOf(dir: string, task: string, configuration: string | undefined): string {
  return `${dir === "." ? "" : dir}#${task}${configuration ? `:${configuration}` : ""}`;
}

function plain(output: string): string {
  return output.replace(/^\.?\//, "").replace(/\/+$/, "");
}
