import type { TaskId } from "@slipway/kernel";
import { affectedTasks, onlyAffected, planRun, type RunPlan, type RunRequest } from "@slipway/plan";
import type { Workspace } from "@slipway/workspace";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { workspaceOf, type Sketch } from "./workspace-of.ts";

const taskNames = ["build", "test", "lint", "gen"] as const;

/** Packages that depend on earlier ones or, now and then, on later ones, so that circles occur. */
const sketches: fc.Arbitrary<Sketch> = fc.integer({ min: 1, max: 9 }).chain((count) => {
  const names = Array.from({ length: count }, (_, at) => `p${at}`);
  const anyone = someOf(names);
  const earlier = (at: number) => someOf(names.slice(0, at));
  const needs = fc.tuple(
    ...names.map((_, at) =>
      fc.oneof({ weight: 12, arbitrary: earlier(at) }, { weight: 1, arbitrary: anyone }),
    ),
  );
  const someTasks = fc.subarray([...taskNames]);
  const need = fc.oneof(
    fc.constantFrom(...taskNames.map((task) => `^${task}`)),
    fc.constantFrom("gen", "lint"),
    fc
      .tuple(fc.constantFrom(...names), fc.constantFrom("gen", "lint"))
      .map(([name, task]) => `${name}#${task}`),
  );
  const dependsOn = fc.dictionary(
    fc.constantFrom("build", "test", ...names.map((name) => `${name}#build`)),
    fc.uniqueArray(need, { maxLength: 3 }),
  );
  return fc.record({
    packages: needs.map((all) =>
      Object.fromEntries(all.map((some, at) => [`p${at}`, some.filter((one) => one !== `p${at}`)])),
    ),
    scripts: fc
      .tuple(...names.map(() => someTasks))
      .map((all) => Object.fromEntries(all.map((some, at) => [`p${at}`, some]))),
    dependsOn,
    source: fc.constantFrom("turbo", "nx", "scripts"),
  });
});

function someOf(names: readonly string[]): fc.Arbitrary<string[]> {
  return fc.subarray([...names], { maxLength: Math.min(3, names.length) });
}

const asked = fc.subarray([...taskNames], { minLength: 1 });

describe("whatever is asked of whichever workspace", () => {
  test("each planned task stands behind all that it needs, and all that it needs is planned", () => {
    check(sketches, asked, (plan) => {
      const seen = new Set<TaskId>();
      for (const { id, needs } of plan.tasks) {
        for (const need of needs) expect(seen).toContain(need);
        seen.add(id);
      }
    });
  });

  test("each planned task says why, and what it names as reason is planned and needs it", () => {
    check(sketches, asked, (plan) => {
      const byId = new Map(plan.tasks.map((one) => [one.id, one]));
      for (const { id, because } of plan.tasks) {
        expect(because).not.toEqual([]);
        for (const reason of because) {
          if (reason.kind === "needed-by") expect(byId.get(reason.task)?.needs).toContain(id);
        }
      }
    });
  });

  test("a plan is plain JSON, and the same question gives the same plan", () => {
    check(sketches, asked, (plan, workspace, request) => {
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      const again = planRun(workspace, request);
      expect(again.ok && again.value).toEqual(plan);
    });
  });

  test("the order in which rules were read changes no task and no need", () => {
    check(sketches, asked, (plan, workspace, request) => {
      const rules = workspace.tasks.rules.toReversed();
      const other = planRun({ ...workspace, tasks: { ...workspace.tasks, rules } }, request);
      expect(other.ok && shapeOf(other.value)).toEqual(shapeOf(plan));
    });
  });

  test("what runs for some packages is part of what runs for all", () => {
    check(sketches, asked, (plan, workspace, request) => {
      const ids = new Set(plan.tasks.map(({ id }) => id));
      const [first] = workspace.packages;
      const some = planRun(workspace, {
        ...request,
        packages: first ? [{ name: first.name, because: [] }] : [],
      });
      for (const { id } of some.ok ? some.value.tasks : []) expect(ids).toContain(id);
    });
  });

  test("a circle that is reported is one: its path closes and each step is a need", () => {
    const property = fc.property(sketches, asked, (sketch, tasks) => {
      const workspace = workspaceOf(sketch);
      const result = planRun(workspace, { ...nothing, tasks: known(workspace, tasks) });
      const cycle = result.ok ? undefined : result.problems.find(({ code }) => code === "task/cycle");
      if (!cycle) return;
      const path = /: (.*)\.$/.exec(cycle.message)?.[1]?.split(" -> ") ?? [];
      expect(path.length).toBeGreaterThan(1);
      expect(path.at(-1)).toBe(path[0]);
    });
    fc.assert(property, options);
  });
});

test("what a change does not affect reads no changed file, nor does anything that it needs", () => {
  check(sketches, asked, (plan, workspace) => {
    for (const { dir } of workspace.packages) {
      const changed = `${dir}/src/a.ts`;
      const affected = affectedTasks(plan, workspace, { files: [changed], lockfileBefore: null });
      const ids = new Set(affected.map(({ id }) => id));
      const below = closureOf(plan);
      for (const task of plan.tasks) {
        const reads = [...below(task.id)].some(
          (id) => plan.tasks.find((one) => one.id === id)?.dir === dir && isReal(plan, id),
        );
        expect([task.id, ids.has(task.id)]).toEqual([task.id, reads]);
      }
      const narrowed = onlyAffected(plan, affected, "main");
      for (const { id, needs } of narrowed.tasks) {
        for (const need of needs) expect(narrowed.tasks.map((one) => one.id)).toContain(need);
        expect(ids.has(id) || narrowed.tasks.some((one) => one.needs.includes(id))).toBe(true);
      }
    }
  });
});

const options = { numRuns: 300, seed: 20_261_123 };
const nothing: RunRequest = { tasks: [], packages: null, configuration: null, args: [], only: false };

/** Every rule reads the files of its package, so that affected can be told from the graph alone. */
function withInputs(workspace: Workspace): Workspace {
  const dirs = new Map(workspace.packages.map(({ name, dir }) => [name, dir]));
  const rules = workspace.tasks.rules.map((rule) => {
    const include = [`${dirs.get(rule.package)}/**`];
    return {
      ...rule,
      inputs: { ...rule.inputs, files: [{ include, exclude: [], ignored: "respect" as const }] },
    };
  });
  return { ...workspace, tasks: { ...workspace.tasks, rules } };
}

function check(
  workspaces: fc.Arbitrary<Sketch>,
  tasks: fc.Arbitrary<string[]>,
  holds: (plan: RunPlan, workspace: Workspace, request: RunRequest) => void,
): void {
  let planned = 0;
  const property = fc.property(workspaces, tasks, (sketch, words) => {
    const workspace = withInputs(workspaceOf(sketch));
    const request = { ...nothing, tasks: known(workspace, words) };
    const result = planRun(workspace, request);
    if (!result.ok) return;
    planned++;
    holds(result.value, workspace, request);
  });
  fc.assert(property, options);
  // Were most workspaces circular, little would have been shown.
  expect(planned).toBeGreaterThan(options.numRuns / 2);
}

function known({ tasks }: Workspace, words: readonly string[]): string[] {
  return words.filter((word) => tasks.rules.some(({ task }) => task === word));
}

function shapeOf({ tasks }: RunPlan) {
  return tasks.map(({ id, needs, with: beside }) => ({ id, needs, beside }));
}

function isReal({ tasks }: RunPlan, id: TaskId): boolean {
  return tasks.find((one) => one.id === id)?.action !== null;
}

function closureOf({ tasks }: RunPlan): (id: TaskId) => Set<TaskId> {
  const needs = new Map(tasks.map((one) => [one.id, one.needs]));
  return (id) => {
    const seen = new Set<TaskId>([id]);
    for (const one of seen) for (const need of needs.get(one) ?? []) seen.add(need);
    return seen;
  };
}
