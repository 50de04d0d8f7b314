import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findAffected } from "../../src/wire/find-affected.ts";
import { loadWorkspace } from "../../src/wire/load-workspace.ts";
import {
  onDisk,
  readEditedFixtures,
  type Edit,
  type EditedFixture,
  type WorkspaceOnDisk,
} from "./fixture.ts";
import { ourPlan } from "./our-plan.ts";
import { installPeers, runPeer } from "./peers.ts";

beforeAll(installPeers);

const fixtures = readEditedFixtures("turbo-affected");

/** The real turbo is asked what each edit affects; the same packages are affected for Slipway. */
describe.each(fixtures)("the packages that turbo says are affected by %s", (_name, fixture) => {
  const workspace = workspaceFor(() => fixture);

  test.each(edits(fixture))("%s", async (_about, edit) => {
    const { root } = workspace();
    workspace().edit(edit);
    const ours = await affectedPackages(root);
    const theirs = (await turboQuery(root, ["--packages"])).affectedPackages.items
      .map(({ name }) => name)
      .toSorted();
    if (edit.differs) expect(ours).not.toEqual(theirs);
    else expect(ours).toEqual(theirs);
  });
});

/** turbo judges tasks by their inputs only behind a flag; Slipway always does. */
describe.each(fixtures)(
  "the tasks that turbo with affectedUsingTaskInputs runs after %s",
  (_name, fixture) => {
    const workspace = workspaceFor(() => withTaskInputs(fixture));

    test.each(edits(withTaskInputs(fixture)))("%s", async (_about, edit) => {
      const { root } = workspace();
      workspace().edit(edit);
      const { tasks } = await ourPlan(root, [...fixture.tasks, "--affected", "--base=main"]);
      const everything = await ourPlan(root, fixture.tasks);
      const runnable = new Set<string>(
        everything.tasks.filter(({ command }) => command !== null).map(({ id }) => id),
      );
      const ours = tasks
        .map(({ id }) => id)
        .filter((id) => runnable.has(id))
        .toSorted();
      const { affectedTasks } = await turboQuery(root, ["--tasks", ...fixture.tasks]);
      const theirs = affectedTasks.items
        .map(({ fullName }) => fullName)
        .filter((id) => runnable.has(id))
        .toSorted();
      if (edit.tasksDiffer) expect(ours).not.toEqual(theirs);
      else expect(ours).toEqual(theirs);
    });
  },
);

/** With --affected-by=packages Slipway does what turbo does, and a filter with a git range always has. */
describe.each(fixtures)("the tasks that turbo runs by package after %s", (_name, fixture) => {
  const workspace = workspaceFor(() => fixture);

  test.each(edits(fixture))("%s", async (_about, edit) => {
    const { root } = workspace();
    workspace().edit(edit);
    const filter = "--filter=...[main...HEAD]";
    const theirs = await turboDryRun(root, [...fixture.tasks, filter]);
    const filtered = await runnableTasks(root, [...fixture.tasks, filter]);
    const affected = await runnableTasks(root, [
      ...fixture.tasks,
      "--affected",
      "--affected-by=packages",
      "--base=main",
    ]);
    if (edit.rangeDiffers) expect([filtered, affected]).not.toEqual([theirs, theirs]);
    else expect([filtered, affected]).toEqual([theirs, theirs]);
  });
});

async function runnableTasks(root: string, words: readonly string[]): Promise<string[]> {
  const { tasks } = await ourPlan(root, words);
  return tasks
    .filter(({ command }) => command !== null)
    .map(({ id }): string => id)
    .toSorted();
}

interface DryRun {
  readonly tasks: readonly { readonly taskId: string; readonly command: string }[];
}

async function turboDryRun(root: string, words: readonly string[]): Promise<string[]> {
  const { stdout } = await runPeer("turbo", ["run", ...words, "--dry=json"], root);
  const { tasks } = JSON.parse(stdout) as DryRun;
  return tasks
    .filter(({ command }) => command !== "<NONEXISTENT>")
    .map(({ taskId }) => taskId)
    .toSorted();
}

function workspaceFor(fixture: () => EditedFixture): () => WorkspaceOnDisk {
  let workspace: WorkspaceOnDisk | undefined;
  beforeAll(() => void (workspace = onDisk(fixture())));
  afterAll(() => workspace?.remove());
  return () => {
    if (!workspace) throw new Error("the workspace is not written yet");
    return workspace;
  };
}

function edits({ edits: all }: EditedFixture): readonly (readonly [string, Edit])[] {
  return all.map((edit) => [edit.about, edit]);
}

function withTaskInputs(fixture: EditedFixture): EditedFixture {
  const flagged = (files: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => {
    const turbo = files["turbo.json"];
    const flags = { futureFlags: { affectedUsingTaskInputs: true } };
    return typeof turbo === "object" ? { ...files, "turbo.json": { ...turbo, ...flags } } : { ...files };
  };
  return {
    ...fixture,
    files: flagged(fixture.files),
    edits: fixture.edits.map((edit) => ({ ...edit, write: flagged(edit.write) })),
  };
}

async function affectedPackages(root: string): Promise<string[]> {
  const { workspace } = loadWorkspace(root);
  const { packages } = await findAffected({
    root,
    workspace,
    env: {},
    base: "main",
    head: null,
    strict: true,
  });
  return (packages ?? []).map(({ name }) => (name === "root" ? "//" : name)).toSorted();
}

interface QueryAnswer {
  readonly affectedPackages: { readonly items: readonly { readonly name: string }[] };
  readonly affectedTasks: { readonly items: readonly { readonly fullName: string }[] };
}

async function turboQuery(root: string, what: readonly string[]): Promise<QueryAnswer> {
  const answer = await runPeer(
    "turbo",
    ["query", "affected", ...what, "--base", "main", "--head", "HEAD"],
    root,
  );
  return (JSON.parse(answer.stdout) as { readonly data: QueryAnswer }).data;
}
