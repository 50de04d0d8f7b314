import { DiskTree } from "@slipway/host";
import type { PlannedTask } from "@slipway/plan";
import { posix } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadWorkspace } from "../../src/wire/load-workspace.ts";
import { onDisk, readFixtures, type Fixture } from "./fixture.ts";
import { ourPlan } from "./our-plan.ts";
import { installPeers, runPeer } from "./peers.ts";

beforeAll(installPeers);

/** The real turbo lists the files that go into each task's hash; the same files go into Slipway's fingerprint. */
describe.each(readFixtures("turbo-inputs"))("the input files that turbo takes for %s", (_name, fixture) => {
  const theirs = new Map<string, readonly string[]>();
  const ours = new Map<string, readonly string[]>();
  beforeAll(async () => {
    const workspace = onDisk(fixture);
    // What is not committed counts too.
    workspace.write({ "packages/app/src/untracked.ts": "1", "packages/app/README.md": "changed" });
    try {
      const words = fixture.asks.flatMap(({ run }) => run);
      for (const [id, files] of await turboInputs(workspace.root, words)) theirs.set(id, files);
      const { files } = loadWorkspace(workspace.root).workspace.tasks.global;
      const tree = await DiskTree.open(
        workspace.root,
        { PATH: process.env["PATH"] },
        { outputs: [], tasks: [] },
      );
      ours.set(everywhere, globalFiles(tree, files));
      const { tasks } = await ourPlan(workspace.root, words);
      for (const task of tasks) ours.set(task.id, inputFiles(tree, task));
    } finally {
      workspace.remove();
    }
  });

  test.each([everywhere, ...tasksOf(fixture)])("%s", (id) => {
    const expected = theirs.get(id.replace(/^root#/, "//#"));
    expect(expected).toBeDefined();
    expect(ours.get(id)).toEqual(expected);
  });
});

/** What counts for every task is listed under this name. */
const everywhere = "all tasks";

function globalFiles(tree: DiskTree, globs: readonly string[]): readonly string[] {
  const include = globs.filter((glob) => !glob.startsWith("!"));
  const exclude = globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  return Object.keys(tree.inputs([{ include, exclude, ignored: "include" }], new Set()).marks).toSorted();
}

function tasksOf({ packages, rootScripts = [] }: Fixture): readonly string[] {
  const ofPackages = Object.entries(packages).flatMap(([name, { scripts = [] }]) =>
    scripts.map((script) => `${name}#${script}`),
  );
  return [...ofPackages, ...rootScripts.map((script) => `root#${script}`)];
}

function inputFiles(tree: DiskTree, { inputSpec }: PlannedTask): readonly string[] {
  return Object.keys(tree.inputs(inputSpec.files, new Set()).marks).toSorted();
}

interface DryRun {
  readonly globalCacheInputs: { readonly files: Readonly<Record<string, string>> };
  readonly tasks: readonly {
    readonly taskId: string;
    readonly directory: string;
    readonly inputs: Readonly<Record<string, string>>;
  }[];
}

async function turboInputs(root: string, words: readonly string[]): Promise<Map<string, readonly string[]>> {
  const { stdout } = await runPeer("turbo", ["run", ...words, "--dry=json"], root);
  const { tasks, globalCacheInputs } = JSON.parse(stdout) as DryRun;
  const ofTasks = tasks.map(({ taskId, directory, inputs }): [string, readonly string[]] => {
    const paths = Object.keys(inputs).map((path) => posix.join(directory, path));
    return [taskId, paths.toSorted()];
  });
  return new Map([[everywhere, Object.keys(globalCacheInputs.files).toSorted()], ...ofTasks]);
}
