import type { PlannedTask } from "@slipway/plan";
import { beforeAll, describe, expect, test } from "vitest";
import { DiskTree } from "@slipway/host";
import { onDisk, readFixtures, type Fixture } from "./fixture.ts";
import { ourPlan } from "./our-plan.ts";
import { askNx, installPeers } from "./peers.ts";

beforeAll(installPeers);

/** nx counts these for every task; docs/compatibility.md says why Slipway does not. */
const always = new Set(["nx.json", ".gitignore", ".nxignore"]);

/** nx lists the files that go into each task's hash; the same files go into Slipway's fingerprint. */
describe.each(readFixtures("nx-inputs"))("the input files that nx takes for %s", (_name, fixture) => {
  const targets = fixture.asks.flatMap(({ run }) => run);
  const theirs = new Map<string, readonly string[]>();
  const ours = new Map<string, readonly string[]>();
  beforeAll(async () => {
    const workspace = onDisk(fixture);
    workspace.write({ "packages/app/src/untracked.ts": "1", "packages/app/README.md": "changed" });
    try {
      const { inputs } = askNx(workspace.root, {
        inputs: targets.map((target) => ({ project: "app", target })),
      });
      for (const [at, target] of targets.entries()) {
        theirs.set(target, inputs[at]?.filter((path) => !always.has(path)).toSorted() ?? []);
      }
      const tree = await DiskTree.open(
        workspace.root,
        { PATH: process.env["PATH"] },
        { outputs: [], tasks: [] },
      );
      const { tasks, global } = await ourPlan(workspace.root, [...targets, "--projects=app"]);
      const globalFiles = [{ include: global.files, exclude: [], ignored: "include" } as const];
      for (const task of tasks)
        if (task.package === "app")
          ours.set(task.task, inputFiles(tree, [...task.inputSpec.files, ...globalFiles]));
    } finally {
      workspace.remove();
    }
  });

  test.each(differing(fixture))("%s", (target, differs) => {
    expect(theirs.get(target)).toBeDefined();
    if (differs) expect(ours.get(target)).not.toEqual(theirs.get(target));
    else expect(ours.get(target)).toEqual(theirs.get(target));
  });
});

function differing({ asks, differs = {} }: Fixture): readonly (readonly [string, string | null])[] {
  return asks.flatMap(({ run }) => run).map((target) => [target, differs[target] ?? null]);
}

function inputFiles(tree: DiskTree, selectors: PlannedTask["inputSpec"]["files"]): readonly string[] {
  const found = Object.keys(tree.inputs(selectors, new Set()).marks);
  return found.filter((path) => !always.has(path)).toSorted();
}
