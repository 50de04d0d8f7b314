import { UserError, type ExitStatus } from "@slipway/kernel";
import { releasePlanDigest, type ReleaseMode, type ReleasePlan, type RunPlan } from "@slipway/plan";
import { executeRun, type RunFinished } from "@slipway/run";
import { readNpmrc } from "@slipway/registry";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Context } from "../command.ts";
import { painter } from "../report/paint.ts";
import { releasePlanText } from "../report/release-plan.ts";
import { releaseConclusion, releaseExit } from "../report/release-end.ts";
import { releaseTeller } from "../report/release-story.ts";
import { plural } from "../report/text.ts";
import { withoutCredentials } from "../wire/build-environment.ts";
import { loadWorkspace } from "../wire/load-workspace.ts";
import { redacting } from "../wire/redacting.ts";
import { systemError } from "../system-error.ts";
import { managerAtHand } from "../wire/manager-at-hand.ts";
import { openRunPorts } from "../wire/run-ports.ts";
import { scriptHabits } from "../wire/script-habits.ts";
import { trustDomainOf } from "../wire/trust-domain.ts";
import { changesetsOutput } from "../wire/changesets-output.ts";
import { releasedDistTag } from "./release/asked-dist-tag.ts";
import { passwordsOf } from "./release/passwords.ts";
import { release, releaseSealed, resume, seal, type ReleaseOutcome } from "./release.ts";
import type { ReleaseRequest, ReleaseStory } from "./release/request.ts";

export interface ReleaseFlags {
  readonly yes: boolean;
  readonly plan: boolean;
  readonly json: boolean;
  readonly channel: string | undefined;
  /** The same by another name. */
  readonly tag?: string | undefined;
  readonly build: string;
  readonly mode: string | undefined;
  readonly otp: string | undefined;
  /** Null when neither flag was given. */
  readonly provenance: boolean | null;
  /** The digest of the plan that somebody approved of. */
  readonly approve: string | undefined;
  /** A sealed folder to publish instead of what the work tree has. */
  readonly from: string | undefined;
}

type Here = Pick<Context, "cwd" | "env" | "signal" | "terminal" | "answer" | "say">;

/** `slipway release`: the release, told while it goes on, with its exit status. */
export async function releaseHere(flags: ReleaseFlags, outside: Here): Promise<ExitStatus> {
  const here = redacting(outside);
  const tell = teller(flags, here);
  const request = requestOf(flags, here, tell);
  const outcome = await ended(flags, here, () =>
    flags.from === undefined
      ? release(request, tell)
      : releaseSealed(request, resolve(here.cwd, flags.from), tell),
  );
  return concluded(outcome, flags, here);
}

/** `slipway release resume`: goes on with the release that was begun here, and begins no other. */
export async function resumeHere(flags: Pick<ReleaseFlags, "json" | "otp">, here: Here): Promise<ExitStatus> {
  const whole = { ...asked, ...flags, yes: true };
  const tell = teller(whole, here);
  const outcome = await ended(whole, here, () => resume(requestOf(whole, here, tell), tell));
  return concluded(outcome, whole, here);
}

/** `slipway seal`: the batch as a folder that another machine publishes. */
export async function sealHere(
  folder: string,
  flags: Pick<ReleaseFlags, "json" | "channel" | "tag" | "build">,
  outside: Here,
): Promise<ExitStatus> {
  const here = redacting(outside);
  const whole = { ...asked, ...flags, yes: true };
  const tell = teller(whole, here);
  const sealed = await seal(requestOf(whole, here, tell), resolve(here.cwd, folder), tell);
  const names = sealed?.tarballs.map(({ name, version, integrity }) => ({ name, version, integrity })) ?? [];
  if (flags.json) here.answer(JSON.stringify({ type: "sealed", folder, packages: names }));
  else if (names.length === 0)
    here.answer("nothing to seal: every version that may be published is on its registry");
  else
    here.answer(
      `sealed ${plural(names.length, "package")} in ${folder}; publish with: slipway release --from ${folder}`,
    );
  return 0;
}

/** What nobody asked for. */
const asked = {
  plan: false,
  channel: undefined,
  build: "build",
  from: undefined,
  mode: undefined,
  otp: undefined,
  approve: undefined,
  provenance: null,
};

type Tell = (story: ReleaseStory) => void;

function teller(flags: Pick<ReleaseFlags, "json">, here: Here): Tell {
  const lines = releaseTeller(painter(here.terminal.color));
  const output = changesetsOutput(here.env);
  return (story) => {
    if (flags.json) here.answer(JSON.stringify(lineOf(story)));
    else for (const line of lines(story)) here.say(line);
    if (story.type !== "release" || story.event.type !== "git-tagged" || story.event.already) return;
    output.record(story.event);
    if (!flags.json) here.answer(output.line(story.event));
  };
}

/** What `--json` prints of a story; a plan comes with the digest that an approval names. */
function lineOf(story: ReleaseStory): object {
  if (story.type === "planned") return { ...story, digest: releasePlanDigest(story.plan) };
  return story.type === "release" ? story.event : story;
}

function requestOf(flags: ReleaseFlags, here: Here, tell: Tell): ReleaseRequest {
  return {
    cwd: here.cwd,
    env: here.env,
    signal: here.signal,
    channel: releasedDistTag(flags),
    buildTask: flags.build,
    approve: (plan, require, because) => approval(plan, { flags, here, require, because }),
    mode: (flags.mode as ReleaseMode | undefined) ?? null,
    provenance: flags.provenance,
    otp: passwordsOf(flags, here),
    mayApprove: flags.otp !== undefined || canAsk(flags, here),
    carryOut: (root, plan) => carryOut(root, plan, { here, tell }),
  };
}

/** With `--json` the last line says how it ended, also when it ended with an error. */
async function ended(
  flags: ReleaseFlags,
  here: Here,
  work: () => Promise<ReleaseOutcome>,
): Promise<ReleaseOutcome> {
  try {
    return await work();
  } catch (error) {
    const known = error instanceof UserError ? error : systemError(error);
    if (flags.json && known) {
      const { code, message, exit } = known;
      here.answer(JSON.stringify({ ...finishedEvent({ state: "failed" }, exit), error: { code, message } }));
    }
    throw error;
  }
}

function concluded(outcome: ReleaseOutcome, flags: ReleaseFlags, here: Here): ExitStatus {
  const exit = releaseExit(outcome, flags, here.signal);
  if (flags.json) {
    here.answer(JSON.stringify(finishedEvent(outcome, exit)));
  } else if (outcome.state !== "not-approved") here.answer(releaseConclusion(outcome));
  return exit;
}

/** The last line of `--json`; failures are in it when there are some. */
function finishedEvent(
  outcome: ReleaseOutcome | { readonly state: "failed" },
  exit: ExitStatus,
): Readonly<Record<string, unknown>> {
  const { released, parked, conflicts, failures } = "released" in outcome ? outcome : noResult;
  const failed = failures.length > 0 ? { failures } : {};
  return { type: "finished", released, parked, conflicts, ...failed, state: outcome.state, exit };
}

const noResult = { released: [], parked: [], conflicts: [], failures: [] };

async function approval(plan: ReleasePlan, { flags, here, require, because }: Approval): Promise<boolean> {
  if (!flags.json) (flags.plan ? here.answer : here.say)(releasePlanText(plan, here.terminal.color));
  if (flags.plan) return false;
  await require();
  const digest = releasePlanDigest(plan);
  if (flags.approve !== undefined) return approvedBy(flags.approve, digest);
  if (flags.yes && because === null) return true;
  if (canAsk(flags, here)) {
    const { confirmRelease } = await import("../prompts/confirm-release.ts");
    return confirmRelease(plan);
  }
  if (because !== null)
    throw new UserError("release/awaiting-approval", `this release waits for approval: ${because}`, {
      hint: `somebody who has read the plan runs the same command with --approve ${digest}`,
    });
  throw new UserError("release/not-approved", "nobody approved of this plan", {
    hint: "read the plan, then run the same command with --yes",
  });
}

interface Approval {
  readonly flags: ReleaseFlags;
  readonly here: Here;
  readonly require: () => Promise<void>;
  readonly because: string | null;
}

/** An approval is of one plan: of the same packages from the same commit, moving the same dist-tags from where they are. */
function approvedBy(given: string, digest: string): true {
  if (given === digest) return true;
  throw new UserError("release/approved-another", `another plan was approved of: ${given}`, {
    hint: `this one is ${digest}: read it with --plan, and give that digest if it is right`,
  });
}

function canAsk({ json }: Pick<ReleaseFlags, "json">, { terminal }: Here): boolean {
  return terminal.interactive && !json;
}

async function carryOut(
  root: string,
  plan: RunPlan,
  { here, tell }: { readonly here: Here; readonly tell: (story: ReleaseStory) => void },
): Promise<RunFinished> {
  const { manager } = loadWorkspace(root).workspace;
  const { signal } = here;
  const env = await managerAtHand(withoutCredentials(here.env, readNpmrc(root, here.env)), { root, manager });
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
    trustDomain: trustDomainOf(env),
    habits: scriptHabits(setting),
  });
}
