import { UserError } from "@slipway/kernel";
import type { RunPlan } from "@slipway/plan";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onDisk, readFixtures, type WorkspaceOnDisk } from "./fixture.ts";
import { configuredTasks, flagsOf, ourPlan } from "./our-plan.ts";
import { askNx, installPeers, type NxAnswers, type NxPlan } from "./peers.ts";

beforeAll(installPeers);

/** nx's own modules plan the same workspaces: same tasks, same needs, same cacheability. */
describe.each(readFixtures("nx"))("as nx plans %s", (_name, fixture) => {
  let workspace: WorkspaceOnDisk;
  let answers: NxAnswers;
  beforeAll(() => {
    workspace = onDisk(fixture);
    const plans = fixture.asks.map(({ run }) => {
      const { tasks, projects, exclude, configuration, only, args } = flagsOf(run);
      return {
        targets: tasks,
        projects: listed(projects),
        exclude: listed(exclude),
        configuration,
        excludeTaskDependencies: only,
        args,
      };
    });
    answers = askNx(workspace.root, { plans });
  });
  afterAll(() => workspace.remove());

  test.each(fixture.asks.map((ask, at) => [ask.run.join(" "), ask, at] as const))(
    "run %s",
    async (_words, ask, at) => {
      const ours = await outcome(workspace.root, ourPlan(workspace.root, ask.run, ask.cwd));
      const plan = answers.plans[at];
      if (!plan) throw new Error("nx gave no answer");
      const theirs = nxOutcome(plan, answers.projects);
      if (ask.differs) expect(ours).not.toEqual(theirs);
      else if (ask.fails)
        expect([ours, theirs]).toEqual([{ fails: ask.fails }, { fails: expect.any(String) }]);
      else expect(ours).toEqual(theirs);
    },
  );
});

function listed(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(","));
}

interface PlannedLike {
  readonly needs: readonly string[];
  readonly cache: boolean;
  readonly parallelism: boolean;
  readonly args: readonly string[];
  readonly outputs: readonly string[];
}

type Outcome = Readonly<Record<string, PlannedLike>> | { readonly fails: string };

/**
 * Tasks by directory, target and configuration, since names of projects and packages may differ. nx has no node for a
 * project that lacks the target, its needs go through; so they do here.
 */
async function outcome(root: string, plan: Promise<RunPlan>): Promise<Outcome> {
  try {
    const { tasks } = await plan;
    const configured = configuredTasks(root);
    const byId = new Map<string, RunPlan["tasks"][number]>(tasks.map((one) => [one.id, one]));
    const isReal = (id: string): boolean => {
      const one = byId.get(id);
      return one !== undefined && configured.has(`${one.package}#${one.task}`);
    };
    const realNeeds = (id: string): string[] =>
      (byId.get(id)?.needs ?? []).flatMap((need) => (isReal(need) ? [need] : realNeeds(need)));
    const label = (id: string): string => {
      const one = byId.get(id);
      return one ? labelled(one.dir, one.task, one.configuration) : id;
    };
    const real = tasks.filter(({ id }) => isReal(id));
    return sorted(
      real.map(({ id, cache, parallelism, args, outputSpec }) => {
        const needs = [...new Set(realNeeds(id).map(label))].filter((need) => need !== label(id)).toSorted();
        const outputs = writtenOutputs(outputSpec.include);
        return [label(id), { needs, cache, parallelism, args, outputs }];
      }),
    );
  } catch (error) {
    if (error instanceof UserError) return { fails: error.code };
    throw error;
  }
}

/** Each output stands in a plan with all that may be below it. */
function writtenOutputs(include: readonly string[]): string[] {
  return include.filter((glob) => !include.some((each) => glob === `${each}/**`)).toSorted();
}

function nxOutcome(plan: NxPlan, projects: NxAnswers["projects"]): Outcome {
  if ("fails" in plan) return plan;
  const labels = new Map(
    plan.tasks.map((task) => [
      task.id,
      labelled(projects[task.project] ?? "", task.target, task.configuration),
    ]),
  );
  return sorted(
    plan.tasks.map(({ id, needs, cache, parallelism, args, outputs, runs }) => {
      const names = [...new Set(needs.map((need) => labels.get(need) ?? need))].toSorted();
      const written = outputs.filter((each) => !each.startsWith("!")).toSorted();
      const typed = runs === true ? args : [];
      return [labels.get(id) ?? id, { needs: names, cache, parallelism, args: typed, outputs: written }];
    }),
  );
}

function labelled(dir: string, task: string, configuration: string | undefined): string {
  return `${dir === "." ? "" : dir}#${task}${configuration ? `:${configuration}` : ""}`;
}

function sorted(entries: readonly (readonly [string, PlannedLike])[]): Outcome {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
