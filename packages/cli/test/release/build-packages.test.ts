import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { planBuild } from "../../src/journeys/build-packages.ts";
import { loadForTasks } from "../../src/wire/load-for-tasks.ts";

const scripts = { build: "b", "build:api": "a", prepack: "p", prepare: "e" };
const packages = {
  "package.json": { name: "root", private: true, workspaces: ["packages/*"] },
  "packages/core/package.json": { name: "@x/core", version: "1.0.0", scripts },
  "packages/dom/package.json": {
    name: "@x/dom",
    version: "1.0.0",
    scripts: { prepack: "p", "build:api": "a" },
    dependencies: { "@x/core": "^1.0.0" },
  },
};

test.each([
  {
    name: "what turbo.json wants before prepack is done before a package is packed",
    files: {
      "turbo.json": {
        tasks: {
          build: { dependsOn: ["^build"] },
          "build:api": { dependsOn: ["^build:api"] },
          prepack: { dependsOn: ["build", "build:api", "^prepack"] },
        },
      },
    },
    tasks: ["@x/core#build", "@x/core#build:api", "@x/dom#build:api"],
  },
  {
    name: "a root task that prepack needs is one of them",
    files: {
      "package.json": { ...packages["package.json"], scripts: { generate: "g" } },
      "turbo.json": { tasks: { build: {}, "//#generate": {}, prepack: { dependsOn: ["//#generate"] } } },
    },
    tasks: ["@x/core#build", "root#generate"],
  },
  {
    name: "a lifecycle script that is no task asks for nothing",
    files: { "turbo.json": { tasks: { build: {}, "build:api": {} } } },
    tasks: ["@x/core#build"],
  },
  {
    name: "nor does one where scripts are all there is",
    files: {},
    tasks: ["@x/core#build"],
  },
  {
    name: "nx's rules count as well",
    files: { "nx.json": { targetDefaults: { prepack: { dependsOn: ["build:api"] } } } },
    tasks: ["@x/core#build", "@x/core#build:api", "@x/dom#build:api"],
  },
  {
    name: "and those of pnpm",
    files: {
      "pnpm-workspace.yaml": {
        packages: ["packages/*"],
        tasks: { build: { dependsOn: ["^build"] }, prepack: { dependsOn: ["build:api"] } },
      },
    },
    tasks: ["@x/core#build", "@x/core#build:api", "@x/dom#build:api"],
  },
])("$name", async ({ files, tasks }) => {
  const root = mkdtempSync(join(tmpdir(), "slipway-build-"));
  try {
    for (const [path, content] of Object.entries({ ...packages, ...files })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), JSON.stringify(content));
    }
    const { workspace } = await loadForTasks({ cwd: root, env: {}, say: () => undefined }, {});
    const { plans } = planBuild(workspace, ["@x/core", "@x/dom"], "build");
    const planned = plans.flatMap((plan) => plan.tasks.filter(({ action }) => action).map(({ id }) => id));
    expect(planned.toSorted()).toEqual(tasks);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
