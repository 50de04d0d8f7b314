import { UserError } from "@slipway/kernel";
import type { RunPlan } from "@slipway/plan";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onDisk, readFixtures, type Ask, type WorkspaceOnDisk } from "./fixture.ts";
import { ourPlan } from "./our-plan.ts";
import { installPeers, runPeer } from "./peers.ts";

beforeAll(installPeers);

/** The real turbo plans the same workspaces; what it would run, and in which order, is what Slipway would run. */
describe.each(readFixtures("turbo"))("as turbo plans %s", (_name, fixture) => {
  let workspace: WorkspaceOnDisk;
  beforeAll(() => void (workspace = onDisk(fixture)));
  afterAll(() => workspace.remove());

  test.each(fixture.asks.map((ask) => [ask.run.join(" "), ask] as const))("run %s", async (_words, ask) => {
    const ours = await outcome(ourPlan(workspace.root, ask.run, ask.cwd));
    const theirs = await turboPlan(workspace.root, ask);
    if (ask.differs) expect(ours).not.toEqual(theirs);
    else if (ask.fails) expect([ours, theirs]).toEqual([{ fails: ask.fails }, { fails: expect.any(String) }]);
    else expect(ours).toEqual(theirs);
  });
});

type Outcome = Readonly<Record<string, PlannedLike>> | { readonly fails: string };

interface PlannedLike {
  readonly command: string | null;
  readonly needs: readonly string[];
  readonly args: readonly string[];
}

async function outcome(plan: Promise<RunPlan>): Promise<Outcome> {
  try {
    const { tasks } = await plan;
    return sorted(tasks.map((one) => [one.id, { command: one.command, needs: one.needs, args: one.args }]));
  } catch (error) {
    if (error instanceof UserError) return { fails: error.code };
    throw error;
  }
}

interface DryRun {
  readonly tasks: readonly {
    readonly taskId: string;
    readonly command: string;
    readonly dependencies: readonly string[];
    readonly cliArguments: readonly string[];
  }[];
}

async function turboPlan(root: string, ask: Ask): Promise<Outcome> {
  const end = ask.run.indexOf("--");
  const own = end === -1 ? ask.run : ask.run.slice(0, end);
  const words = ["run", ...own, "--dry=json", ...(end === -1 ? [] : ask.run.slice(end))];
  const answer = await runPeer("turbo", words, ask.cwd ? `${root}/${ask.cwd}` : root);
  if (answer.exitCode !== 0) return { fails: answer.stderr };
  const { tasks } = JSON.parse(answer.stdout) as DryRun;
  return sorted(
    tasks.map((one) => {
      const command = one.command === "<NONEXISTENT>" ? null : one.command;
      const needs = one.dependencies.map(rooted).toSorted();
      return [rooted(one.taskId), { command, needs, args: command === null ? [] : one.cliArguments }];
    }),
  );
}

/** The root package goes by its name in Slipway. */
function rooted(id: string): string {
  return id.replace(/^\/\/#/, "root#");
}

function sorted(entries: readonly (readonly [string, PlannedLike])[]): Outcome {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
