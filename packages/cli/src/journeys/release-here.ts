import { UserError, type ExitStatus } from "@slipway/kernel";
import type { ReleasePlan, RunPlan } from "@slipway/plan";
import { executeRun, type RunFinished } from "@slipway/run";
import { availableParallelism } from "node:os";
import type { Context } from "../command.ts";
import { painter } from "../report/paint.ts";
import { releasePlanText } from "../report/release-plan.ts";
import { releaseTeller } from "../report/release-story.ts";
import { plural } from "../report/text.ts";
import { loadWorkspace } from "../wire/load-workspace.ts";
import { openRunPorts, scriptHabits } from "../wire/run-ports.ts";
import { release, type ReleaseOutcome } from "./release.ts";
import type { ReleaseStory } from "./release/request.ts";

interface ReleaseFlags {
  readonly yes: boolean;
  readonly plan: boolean;
  readonly json: boolean;
  readonly channel: string | undefined;
  readonly build: string;
}

type Here = Pick<Context, "cwd" | "env" | "signal" | "terminal" | "answer" | "say">;

/** `slipway release`: the release, told while it goes on, with its exit status. */
export async function releaseHere(flags: ReleaseFlags, here: Here): Promise<ExitStatus> {
  const lines = releaseTeller(painter(here.terminal.color));
  const tell = (story: ReleaseStory): void => {
    if (flags.json) here.answer(JSON.stringify(story.type === "release" ? story.event : story));
    else for (const line of lines(story)) here.say(line);
  };
  const outcome = await release(
    {
      cwd: here.cwd,
      env: here.env,
      signal: here.signal,
      channel: flags.channel ?? null,
      buildTask: flags.build,
      approve: (plan) => approval(plan, flags, here),
      carryOut: (root, plan) => carryOut(root, plan, { here, tell }),
    },
    tell,
  );
  const exit = exitOf(outcome, flags, here.signal);
  if (flags.json) here.answer(JSON.stringify(finishedEvent(outcome, exit)));
  else if (outcome.state !== "not-approved") here.answer(conclusion(outcome));
  return exit;
}

async function approval(plan: ReleasePlan, flags: ReleaseFlags, here: Here): Promise<boolean> {
  if (!flags.json) (flags.plan ? here.answer : here.say)(releasePlanText(plan, here.terminal.color));
  if (flags.plan) return false;
  if (flags.yes) return true;
  if (here.terminal.interactive && !flags.json) {
    const { confirmRelease } = await import("../prompts/confirm-release.ts");
    return confirmRelease(plan);
  }
  throw new UserError("release/not-approved", "nobody approved of this plan", {
    hint: "read the plan, then run the same command with --yes",
  });
}

async function carryOut(
  root: string,
  plan: RunPlan,
  { here, tell }: { readonly here: Here; readonly tell: (story: ReleaseStory) => void },
): Promise<RunFinished> {
  const { manager } = loadWorkspace(root).workspace;
  const { env, signal } = here;
  const setting = {
    root,
    cwd: root,
    env,
    manager,
    plan,
    cacheDir: null,
    signal,
    report: (event: Extract<ReleaseStory, { type: "build" }>["event"]) => tell({ type: "build", event }),
  };
  return executeRun(plan, await openRunPorts(setting), {
    concurrency: availableParallelism(),
    cache: { read: true, write: true },
    continue: "dependencies-successful",
    trustDomain: "local",
    habits: scriptHabits(setting),
  });
}

function exitOf(outcome: ReleaseOutcome, flags: ReleaseFlags, signal: AbortSignal): ExitStatus {
  switch (outcome.state) {
    case "finished":
    case "nothing":
      return 0;
    case "not-approved":
      return flags.plan ? 0 : 2;
    case "conflict":
      return 1;
    case "unfinished":
      if (signal.aborted) return 130;
      return outcome.failures.some((failure) => failure.outcome === "permanent") ? 1 : 3;
  }
}

/** The last line of `--json`. */
function finishedEvent(outcome: ReleaseOutcome, exit: ExitStatus): object {
  const empty = { released: [], parked: [], conflicts: [], failures: [] };
  const { state, ...rest } = outcome;
  return { type: "finished", ...empty, ...rest, state, exit };
}

function conclusion(outcome: ReleaseOutcome): string {
  if (!("released" in outcome)) return "nothing to release: every version is on its registry, and tagged";
  if (outcome.state === "finished") {
    const names = outcome.released.map(({ name, version }) => `  ${name}@${version}`);
    return [`released ${plural(outcome.released.length, "package")}`, ...names].join("\n");
  }
  const problems = [...outcome.conflicts, ...outcome.failures].map(({ name, message }) => {
    return `  ${name === "" ? "git tags" : name}: ${message}`;
  });
  const waiting = outcome.parked.map(({ name, version, because }) => `  ${name}@${version}: ${because}`);
  return [
    outcome.state === "conflict" ? "stopped: what is there is not what was sealed" : "not finished yet",
    ...problems,
    ...(waiting.length > 0 ? ["not released:", ...waiting] : []),
    "run the same command again to go on from here",
  ].join("\n");
}
