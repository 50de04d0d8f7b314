import { affectedTasks, onlyAffected, planRun, type RunPlan } from "@slipway/plan";
import type { InputSpec, TaskRule, Workspace } from "@slipway/workspace";
import { describe, expect, test } from "vitest";
import { workspaceOf, type Sketch } from "./workspace-of.ts";

describe("a task is affected", () => {
  test("by a file among its inputs, and so are the tasks that count its result", () => {
    expect(reach(chain, ["packages/core/src/a.ts"])).toEqual({
      "core#build": [{ kind: "file", path: "packages/core/src/a.ts" }],
      "lib#build": [{ kind: "task", task: "core#build" }],
      "app#build": [{ kind: "task", task: "lib#build" }],
      "core#test": [{ kind: "file", path: "packages/core/src/a.ts" }],
    });
  });

  test("not by a file that it excludes, or that only another task reads", () => {
    const sketch = inputs(chain, (name, task) => ({
      files: [
        {
          include: [`packages/${name}/**`],
          exclude: task === "build" ? ["**/*.md"] : [],
          ignored: "respect",
        },
      ],
    }));
    expect(Object.keys(reach(sketch, ["packages/core/README.md"]))).toEqual(["core#test"]);
  });

  test("by a file outside of its package that it declares", () => {
    const sketch = inputs(chain, (name) => ({
      files: [{ include: name === "app" ? ["schema/*.graphql"] : [], exclude: [], ignored: "include" }],
    }));
    expect(Object.keys(reach(sketch, ["schema/a.graphql"]))).toEqual(["app#test", "app#build"]);
  });

  test("not through a need that is no part of its fingerprint", () => {
    const sketch = inputs(chain, (name) => ({
      files: [{ include: [`packages/${name}/**`], exclude: [], ignored: "respect" }],
      dependencyFingerprints: false,
    }));
    expect(Object.keys(reach(sketch, ["packages/core/a.ts"]))).toEqual(["core#build", "core#test"]);
  });

  test("by its own part of the lockfile, all of it, or none, as it counts", () => {
    const counting = (external: InputSpec["external"]) => inputs(chain, () => ({ external }));
    const changed = { core: "2", lib: "1", app: "1" };
    expect(Object.keys(reach(counting("closure"), ["pnpm-lock.yaml"], changed))).toEqual([
      "core#build",
      "core#test",
      "lib#build",
      "app#build",
    ]);
    expect(Object.keys(reach(counting("all"), ["pnpm-lock.yaml"], changed))).toHaveLength(6);
    expect(reach(counting("none"), ["pnpm-lock.yaml"], changed)).toEqual({});
  });

  test("by a dotenv file whose variables nx gives it, whatever its inputs say", () => {
    const sketch = inputs({ ...chain, source: "nx" }, () => ({ files: [], dependencyFingerprints: false }));
    expect(reach(sketch, ["packages/lib/.env.build"])).toEqual({
      "lib#build": [{ kind: "file", path: "packages/lib/.env.build" }],
    });
    expect(Object.keys(reach(sketch, [".env"]))).toHaveLength(6);
    expect(reach({ ...sketch, source: "turbo" }, [".env"])).toEqual({});
  });

  test("by a file that counts for every task", () => {
    expect(Object.keys(reach(chain, ["turbo.json"]))).toHaveLength(6);
  });
});

describe("a plan of what is affected holds", () => {
  test("the affected tasks with the reason, and what they need as needs", () => {
    const plan = narrowed(chain, ["packages/lib/src/a.ts"]);
    expect(plan.tasks.map(({ id, because, args }) => [id, because, args])).toEqual([
      ["core#build", [{ kind: "needed-by", task: "lib#build" }], []],
      [
        "lib#test",
        [
          { kind: "asked", task: "test" },
          { kind: "affected", base: "main", path: "packages/lib/src/a.ts" },
        ],
        ["--x"],
      ],
      [
        "lib#build",
        [
          { kind: "asked", task: "build" },
          { kind: "affected", base: "main", path: "packages/lib/src/a.ts" },
        ],
        ["--x"],
      ],
      [
        "app#build",
        [
          { kind: "asked", task: "build" },
          { kind: "affected", base: "main", need: "lib#build" },
        ],
        ["--x"],
      ],
    ]);
  });

  test("nothing when nothing is affected", () => {
    expect(narrowed(chain, ["README.md"]).tasks).toEqual([]);
  });
});

const chain: Sketch = inputs(
  {
    packages: { app: ["lib"], lib: ["core"], core: [] },
    scripts: { "*": ["build", "test"] },
    dependsOn: { build: ["^build"] },
  },
  (name) => ({ files: [{ include: [`packages/${name}/**`], exclude: [], ignored: "respect" }] }),
);

function inputs(sketch: Sketch, spec: (name: string, task: string) => Partial<InputSpec>): Sketch {
  const rule = (name: string, task: string): Partial<TaskRule> => {
    const base = sketch.rule?.(name, task).inputs ?? plain;
    return { inputs: { ...base, ...spec(name, task) } };
  };
  return { ...sketch, rule };
}

const plain: InputSpec = {
  files: [],
  env: [],
  runtime: [],
  dependencyOutputs: [],
  dependencyFingerprints: true,
  json: [],
  external: "closure",
  values: {},
};

function planOf(workspace: Workspace): RunPlan {
  const request = {
    tasks: ["build", "test"],
    packages: null,
    configuration: null,
    args: ["--x"],
    only: false,
  };
  const planned = planRun(workspace, request);
  if (!planned.ok) throw new Error(JSON.stringify(planned.problems));
  return planned.value;
}

function reach(sketch: Sketch, files: readonly string[], closures?: Readonly<Record<string, string>>) {
  const before = {
    path: "pnpm-lock.yaml",
    format: "pnpm",
    closures: { core: "1", lib: "1", app: "1" },
  } as const;
  const lockfile = closures ? { ...before, closures } : null;
  const workspace = { ...workspaceOf(sketch), lockfile };
  const affected = affectedTasks(planOf(workspace), workspace, { files, lockfileBefore: before });
  return Object.fromEntries(affected.map(({ id, because }) => [id, because]));
}

function narrowed(sketch: Sketch, files: readonly string[]): RunPlan {
  const workspace = workspaceOf(sketch);
  const plan = planOf(workspace);
  return onlyAffected(plan, affectedTasks(plan, workspace, { files, lockfileBefore: null }), "main");
}
