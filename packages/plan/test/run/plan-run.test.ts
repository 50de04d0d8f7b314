import { describe, expect, test } from "vitest";
import { planRun, planToJson, type RunRequest } from "@slipway/plan";
import { workspaceOf, type Sketch } from "./workspace-of.ts";

describe("which tasks run", () => {
  test("a task of each package that has it, each after what it needs", () => {
    expect(plan(chain, { tasks: ["build"] })).toEqual({
      "core#build": [],
      "lib#build": ["core#build"],
      "app#build": ["lib#build"],
    });
  });

  test("a package that lacks the task still forwards to its dependencies", () => {
    const sketch: Sketch = { ...chain, source: "nx", scripts: { "*": ["build"], lib: [] } };
    expect(plan(sketch, { tasks: ["build"] })).toEqual({
      "core#build": [],
      "lib#build": ["core#build"],
      "app#build": ["lib#build"],
    });
    const { tasks } = planned(sketch, { tasks: ["build"] });
    expect(tasks.find(({ id }) => id === "lib#build")).toMatchObject({ command: null, action: null });
  });

  test("a package that lacks the task and has nothing to forward to is left out", () => {
    const sketch: Sketch = { ...chain, source: "nx", scripts: { "*": ["build"], core: [] } };
    expect(plan(sketch, { tasks: ["build"] })).toEqual({ "lib#build": [], "app#build": ["lib#build"] });
  });

  test("dependsOn names a task of the same package, of one package, and of the root", () => {
    const sketch: Sketch = {
      packages: { "//": [], app: [] },
      scripts: { "//": ["codegen"], app: ["test", "build", "lint"] },
      dependsOn: { test: ["build", "//#codegen", "app#lint"] },
    };
    expect(plan(sketch, { tasks: ["test"] })["app#test"]).toEqual(["//#codegen", "app#build", "app#lint"]);
  });

  test("a task that only runs by name is left out of all others, and is there when it is named", () => {
    const sketch: Sketch = {
      packages: { "//": [], app: [] },
      scripts: { "//": ["build", "test"], app: ["build", "test"] },
      dependsOn: { test: ["build"] },
      rule: (name, task) => (name === "//" && task === "build" ? { onlyByName: true } : {}),
    };
    expect(plan(sketch, { tasks: ["test"] })).toEqual({
      "//#test": [],
      "app#build": [],
      "app#test": ["app#build"],
    });
    expect(plan(sketch, { tasks: ["//#build"] })).toEqual({ "//#build": [] });
  });

  test("a pipeline's name stands for its tasks, unless a task is called so", () => {
    const workspace = workspaceOf(chain);
    const pipelines = { release: ["build", "nothing"], build: ["nothing"], empty: [] };
    const asked = (name: string) => {
      const request = { tasks: [name], packages: null, configuration: null, args: [], only: true };
      return planRun({ ...workspace, tasks: { ...workspace.tasks, pipelines } }, request);
    };
    expect(asked("release")).toMatchObject({ ok: false, problems: [{ code: "task/unknown" }] });
    const built = ["core#build", "lib#build", "app#build"].map((id) => ({ id }));
    expect(asked("build")).toMatchObject({ ok: true, value: { tasks: built } });
    expect(asked("empty")).toMatchObject({ ok: true, value: { tasks: [] } });
  });

  test("only the chosen packages are asked; what they need comes along with its reason", () => {
    const because = [{ kind: "filter", filter: "lib" }] as const;
    const { tasks } = planned(chain, { tasks: ["build"], packages: [{ name: "lib", because }] });
    expect(tasks.map(({ id, because: reasons }) => [id, reasons])).toEqual([
      ["core#build", [{ kind: "needed-by", task: "lib#build" }]],
      ["lib#build", [{ kind: "asked", task: "build" }, ...because]],
    ]);
  });

  test("with --only what was not asked for is left out, the order among the asked stays", () => {
    const request = { tasks: ["test", "build"], only: true, packages: [{ name: "app", because: [] }] };
    expect(plan({ ...chain, dependsOn: { build: ["^build"], test: ["build"] } }, request)).toEqual({
      "app#build": [],
      "app#test": ["app#build"],
    });
  });

  test("arguments reach the tasks that were asked for, not the ones they need", () => {
    const packages = [{ name: "lib", because: [] }];
    const { tasks } = planned(chain, { tasks: ["build"], packages, args: ["--fast"] });
    expect(tasks.map(({ id, args }) => [id, args])).toEqual([
      ["core#build", []],
      ["lib#build", ["--fast"]],
    ]);
  });

  test("a task that runs beside another is part of the plan without order", () => {
    const sketch: Sketch = {
      packages: { web: ["api"], api: [] },
      scripts: { "*": ["dev"] },
      rule: (name) => (name === "web" ? { with: [{ kind: "package", package: "api", task: "dev" }] } : {}),
    };
    const { tasks } = planned(sketch, { tasks: ["web#dev"] });
    expect(tasks.map((task) => [task.id, task.needs, task.with])).toEqual([
      ["api#dev", [], []],
      ["web#dev", [], ["api#dev"]],
    ]);
  });

  test("a configuration goes to the tasks that have it; the others take their default", () => {
    const sketch: Sketch = {
      ...chain,
      rule: (name) =>
        name === "lib"
          ? { configurations: ["dev", "production"], defaultConfiguration: "dev" }
          : { configurations: ["ci"], defaultConfiguration: name === "core" ? "ci" : null },
    };
    expect(Object.keys(plan(sketch, { tasks: ["build"], configuration: "production" }))).toEqual([
      "core#build:ci",
      "lib#build:production",
      "app#build",
    ]);
    expect(Object.keys(plan(sketch, { tasks: ["lib:build:production"] }))).toContain("lib#build:production");
    expect(Object.keys(plan(sketch, { tasks: ["lib:build"] }))).toContain("lib#build:dev");
  });

  test("a task whose name holds a colon is not taken for a package and its task", () => {
    const sketch: Sketch = {
      packages: { test: [], app: [] },
      scripts: { test: ["types"], app: ["test:types"] },
    };
    expect(Object.keys(plan(sketch, { tasks: ["test:types"] }))).toEqual(["app#test:types"]);
  });
});

describe("what cannot run", () => {
  test("an unknown task, with the name that was meant", () => {
    expect(problems(chain, { tasks: ["biuld"] })).toEqual([
      { code: "task/unknown", message: expect.stringContaining('"biuld"'), hint: 'Did you mean "build"?' },
    ]);
  });

  test("a task of a package that has none, where others have some", () => {
    const sketch: Sketch = { packages: { docs: [], app: [] }, scripts: { docs: [], app: ["build"] } };
    expect(problems(sketch, { tasks: ["docs#build"] })).toMatchObject([
      {
        message: 'The package docs does not have a task "build".',
        hint: "It has none: add a script to its package.json.",
      },
    ]);
  });

  test("an unknown package, with the name that was meant", () => {
    const [problem] = problems(chain, { tasks: ["coer#build"] });
    expect(problem).toMatchObject({ code: "package/unknown", hint: 'Did you mean "core"?' });
  });

  test("all that is unknown at once", () => {
    expect(problems(chain, { tasks: ["biuld", "coer#build", "core#tset"] })).toHaveLength(3);
  });

  test("tasks that wait for each other, with the whole circle", () => {
    const sketch: Sketch = {
      packages: { a: [] },
      scripts: { a: ["x", "y", "z"] },
      dependsOn: { x: ["y"], y: ["z"], z: ["x"] },
    };
    const [problem] = problems(sketch, { tasks: ["x"] });
    expect(problem).toMatchObject({
      code: "task/cycle",
      message: expect.stringContaining("a#x -> a#y -> a#z -> a#x"),
    });
  });

  test("a task that waits for itself, which nx alone passes over", () => {
    const sketch: Sketch = { packages: { a: [] }, scripts: { a: ["x"] }, dependsOn: { x: ["x"] } };
    const [problem] = problems(sketch, { tasks: ["x"] });
    expect(problem).toMatchObject({ code: "task/cycle", message: expect.stringContaining("a#x -> a#x") });
    expect(plan({ ...sketch, source: "nx" }, { tasks: ["x"] })).toEqual({ "a#x": [] });
  });

  test("a task that waits for a persistent one", () => {
    const sketch: Sketch = {
      packages: { a: [] },
      scripts: { a: ["dev", "test"] },
      dependsOn: { test: ["dev"] },
      rule: (_name, task) => ({ persistent: task === "dev" }),
    };
    expect(problems(sketch, { tasks: ["test"] })).toMatchObject([{ code: "task/needs-persistent" }]);
  });
});

describe("packages that depend on each other", () => {
  const circle: Sketch = {
    packages: { core: ["dev:testing"], testing: ["core"] },
    scripts: { "*": ["build"] },
    dependsOn: { build: ["^build"] },
  };

  test("are a circle where a configuration declares the order", () => {
    expect(problems(circle, { tasks: ["build"] })).toMatchObject([{ code: "task/cycle" }]);
  });

  test("are built without the need for development where nothing declares the order, with a warning", () => {
    const request = { ...nothing, tasks: ["build"] };
    const result = planRun(workspaceOf({ ...circle, source: "scripts" }), request);
    expect(result.ok && result.value.tasks.map(({ id, needs }) => [id, needs])).toEqual([
      ["core#build", []],
      ["testing#build", ["core#build"]],
    ]);
    expect(result.warnings).toMatchObject([
      { code: "task/cycle", message: expect.stringContaining("development") },
    ]);
  });

  test("do not wait for each other through one that has nothing to run", () => {
    const sketch: Sketch = { ...circle, source: "nx", scripts: { core: ["build"], testing: [] } };
    expect(plan(sketch, { tasks: ["build"] })).toEqual({ "core#build": [] });
  });
});

test("the printed plan has the fields of its schema and no other", () => {
  expect(planToJson(planned(chain, { tasks: ["core#build"] }))).toEqual({
    schema: 1,
    tasks: [
      {
        id: "core#build",
        package: "core",
        task: "build",
        command: "run-build",
        needs: [],
        cache: true,
        inputs: [],
        outputs: [],
        because: [{ kind: "asked", task: "core#build" }],
      },
    ],
  });
});

const chain: Sketch = {
  packages: { app: ["lib"], lib: ["core"], core: [] },
  scripts: { "*": ["build", "test"] },
  dependsOn: { build: ["^build"] },
};

const nothing: RunRequest = { tasks: [], packages: null, configuration: null, args: [], only: false };

function planned(sketch: Sketch, request: Partial<RunRequest>) {
  const result = planRun(workspaceOf(sketch), { ...nothing, ...request });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

function plan(sketch: Sketch, request: Partial<RunRequest>): Record<string, readonly string[]> {
  return Object.fromEntries(planned(sketch, request).tasks.map(({ id, needs }) => [id, needs]));
}

function problems(sketch: Sketch, request: Partial<RunRequest>) {
  const result = planRun(workspaceOf(sketch), { ...nothing, ...request });
  return result.ok ? [] : result.problems;
}
