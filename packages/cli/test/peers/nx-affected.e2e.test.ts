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
import { askNx, installPeers, type NxAnswers } from "./peers.ts";

beforeAll(installPeers);

/** nx's own modules are asked what each edit affects, first which projects, then which tasks by their inputs. */
describe.each(readEditedFixtures("nx-affected"))("as nx says of %s", (_name, fixture) => {
  let workspace: WorkspaceOnDisk;
  const answers = new Map<Edit, NxAffected>();
  beforeAll(() => {
    workspace = onDisk(fixture);
    const plain = fixture.edits.filter((edit) => edit.plain);
    const affected = plain.map((edit) => question(Object.keys(edit.write ?? {}), fixture));
    for (const [at, answer] of askNx(workspace.root, { affected }).affected.entries()) {
      const edit = plain[at];
      if (edit) answers.set(edit, answer);
    }
  });
  afterAll(() => workspace.remove());

  test.each(edits(fixture))("%s", async (_about, edit) => {
    const { root } = workspace;
    workspace.edit(edit);
    const files = workspace
      .git("diff", "--name-only", "--no-renames", "main", "HEAD")
      .split("\n")
      .filter(Boolean);
    const theirs = answers.get(edit) ?? askNx(root, { affected: [question(files, fixture)] }).affected[0];
    const packages = await affectedPackages(root);
    const tasks = await affectedRun(root, fixture.tasks);
    if (edit.differs) expect(packages).not.toEqual(theirs?.projects.toSorted());
    else expect(packages).toEqual(theirs?.projects.toSorted());
    const run = theirs?.run?.map((id) => id.replace(":", "#")).toSorted();
    if (edit.tasksDiffer) expect(tasks).not.toEqual(run);
    else expect(tasks).toEqual(run);
  });
});

type NxAffected = NxAnswers["affected"][number];

function question(files: readonly string[], { tasks }: EditedFixture) {
  return { base: "main", head: "HEAD", files, targets: tasks };
}

function edits({ edits: all }: EditedFixture): readonly (readonly [string, Edit])[] {
  return all.map((edit) => [edit.about, edit]);
}

/** nx has no project for a root without a configuration of its own. */
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
  return (packages ?? [])
    .map(({ name }) => name)
    .filter((name) => name !== "root")
    .toSorted();
}

async function affectedRun(root: string, tasks: readonly string[]): Promise<string[]> {
  const { tasks: planned } = await ourPlan(root, [...tasks, "--affected", "--base=main"]);
  return planned
    .filter(({ action }) => action !== null)
    .map(({ id }) => id)
    .toSorted();
}
