import type { PlannedTask, RunPlan } from "@slipway/plan";
import { expect, test } from "vitest";
import { auditTask, type SeenTask } from "../src/audit/audit-task.ts";

function planned(name: string, over: Partial<PlannedTask> = {}): PlannedTask {
  const dir = `packages/${name}`;
  return {
    id: `${name}#build`,
    dir,
    needs: [],
    inputSpec: { dependencyFingerprints: true, dependencyOutputs: [] },
    outputSpec: { include: [`${dir}/dist/**`], exclude: [] },
    ...over,
  } as unknown as PlannedTask;
}

const a = planned("a");
const b = planned("b", { needs: ["a#build"] });
const seenA: SeenTask = { task: a, reads: [], writes: [], counted: new Set(["packages/a/src/a.ts"]) };

function audited(seen: Omit<SeenTask, "task" | "counted">, source: RunPlan["source"] = "turbo") {
  const plan = { source, tasks: [a, b] } as unknown as RunPlan;
  const counted = new Set(["packages/b/src/b.ts"]);
  return auditTask({ task: b, counted, ...seen }, plan, new Map([["a#build", seenA]]));
}

test("what counts, what needed tasks count or make, what is installed and what a task writes itself is not missing", () => {
  const reads = [
    "packages/b/src/b.ts",
    "packages/a/src/a.ts",
    "packages/a/dist/a.js",
    "packages/a/package.json",
    "package.json",
    "node_modules/x/index.js",
    "packages/b/node_modules/.vite/x",
    "packages/b/dist/b.js",
    ".git/HEAD",
  ];
  expect(audited({ reads, writes: ["packages/b/dist/b.js"] })).toEqual({
    id: "b#build",
    uncounted: null,
    undeclared: null,
  });
});

test("what is missing is named in the words of the configuration's format", () => {
  const reads = ["tsconfig.base.json", "packages/b/.env", "packages/c/src/c.ts"];
  const writes = ["packages/b/coverage/a/b.html", "packages/b/coverage/c.json", "packages/b/b.tsbuildinfo"];
  expect(audited({ reads, writes }).uncounted).toEqual({
    paths: ["packages/b/.env", "packages/c/src/c.ts", "tsconfig.base.json"],
    entries: ["$TURBO_ROOT$/packages/c/src/c.ts", "$TURBO_ROOT$/tsconfig.base.json", ".env"],
  });
  expect(audited({ reads, writes }).undeclared?.entries).toEqual(["b.tsbuildinfo", "coverage/**"]);
  const ofNx = audited({ reads, writes }, "nx");
  expect(ofNx.uncounted?.entries).toContain("{workspaceRoot}/tsconfig.base.json");
  expect(ofNx.undeclared?.entries).toContain("{projectRoot}/coverage/**");
  expect(audited({ reads, writes }, "pnpm").uncounted?.entries).toContain("../../tsconfig.base.json");
});

test("many files of a directory are named by it", () => {
  const reads = ["1", "2", "3", "4", "deep/5"].map((name) => `packages/c/src/${name}`);
  expect(audited({ reads, writes: [] }).uncounted?.entries).toEqual(["$TURBO_ROOT$/packages/c/src/**"]);
});

test("a name that many directories have is named once", () => {
  const reads = ["a", "b/x", "c", "d"].map((dir) => `examples/${dir}/tsconfig.json`);
  expect(audited({ reads, writes: [] }).uncounted?.entries).toEqual([
    "$TURBO_ROOT$/examples/**/tsconfig.json",
  ]);
});

test("what a needed task makes of files that count for this one too is not missing", () => {
  const needs = { needs: ["a#build"], inputSpec: { dependencyFingerprints: false, dependencyOutputs: [] } };
  const task = planned("b", needs as unknown as Partial<PlannedTask>);
  const plan = { source: "nx", tasks: [a, task] } as unknown as RunPlan;
  const before = new Map([["a#build", seenA]]);
  const seen = { task, reads: ["packages/a/dist/a.js"], writes: [] };
  const uncounted = (counted: readonly string[]) =>
    auditTask({ ...seen, counted: new Set(counted) }, plan, before).uncounted?.paths;
  expect(uncounted(["packages/b/src/b.ts"])).toEqual(["packages/a/dist/a.js"]);
  expect(uncounted(["packages/b/src/b.ts", "packages/a/src/a.ts"])).toBeUndefined();
});
