import { replaceText } from "@slipway/host";
import { UserError, type ExitStatus } from "@slipway/kernel";
import type { VersionPlan } from "@slipway/plan";
import { batchNotes, type KeptPlan } from "@slipway/release";
import { resolve } from "node:path";
import type { Outside } from "../command.ts";
import { painter } from "../report/paint.ts";
import { editsText, renderBumps } from "../report/versions.ts";
import { warningText } from "../report-error.ts";
import { loadCommitMessages, type CommitMessages } from "../wire/commit-messages.ts";
import { workspaceForVersions } from "../wire/load-versioning.ts";
import { commitWritten } from "./commit-written.ts";
import {
  applyVersions,
  completeVersions,
  discardVersions,
  planWorkTree,
  type PlannedVersions,
  type VersionOptions,
} from "./version.ts";

export interface WriteVersionsFlags {
  readonly plan: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly discard: boolean;
  /** A file for the notes of the whole batch. */
  readonly notes: string | undefined;
  readonly "fail-if-none": boolean;
}

/** `slipway version`: from pending changesets to new versions in the work tree, or with `--plan` to a plan. */
export async function writeVersions(
  flags: WriteVersionsFlags,
  options: VersionOptions,
  outside: Outside,
): Promise<ExitStatus> {
  const { cwd } = outside;
  const workspace = await workspaceForVersions(cwd);
  const { root } = workspace;
  if (flags.discard) await discardVersions(root);
  else if (!flags.plan) {
    const completed = await completeVersions(root, async (plan) => {
      outside.say("completed what an earlier run had begun to write");
      await tellAndCommit(plan, { root, flags, isCompleting: true }, outside);
    });
    if (completed) return 0;
  }
  const whenChangelogFails = flags.plan ? "built-in" : "throw";
  const planned = await planWorkTree(cwd, { ...options, workspace, whenChangelogFails });
  tellAbout(planned, outside);
  if (planned.plan.bumps.length === 0 && planned.plan.edits.length === 0)
    return nothing(planned, flags, outside);
  const commits =
    flags.plan || options.snapshot ? null : await loadCommitMessages(planned.versioning, options.env);
  const notes = flags.notes === undefined ? null : await batchNotes(planned.told);
  const writeNotes = async (): Promise<void> => {
    if (flags.notes !== undefined && notes !== null) await replaceText(resolve(cwd, flags.notes), notes);
  };
  if (flags.plan) {
    await writeNotes();
    return finished(planned.plan, { ...flags, commits: false }, outside);
  }
  // Worded before anything is written: a run that completes this one no longer has the changesets.
  const commitMessage = commits && (await messageFor(planned, commits));
  const kept = { ...planned.plan, ...(commitMessage === null ? {} : { commitMessage }) };
  await applyVersions(kept, root, async (plan) => {
    await writeNotes();
    await tellAndCommit(plan, { root, flags, isCompleting: false }, outside);
  });
  return 0;
}

async function messageFor({ told }: PlannedVersions, commits: CommitMessages): Promise<string | null> {
  const { releases, preState } = told.decision;
  const { changesets } = told;
  return commits.forVersions({ changesets, releases, preState: preState ?? undefined });
}

async function tellAndCommit(
  { commitMessage, ...plan }: KeptPlan,
  run: { readonly root: string; readonly flags: WriteVersionsFlags; readonly isCompleting: boolean },
  outside: Outside,
): Promise<void> {
  const { root, flags, isCompleting } = run;
  finished(plan, { ...flags, commits: commitMessage !== undefined }, outside);
  if (commitMessage === undefined) return;
  const paths = plan.edits.map((edit) => edit.path);
  const again = "run `slipway version` again";
  await commitWritten(
    root,
    { message: commitMessage, paths, perhapsCommitted: isCompleting, again },
    outside,
  );
}

/** Warnings, and which generation's rules were taken, on stderr. */
export function tellAbout({ plan, versioning }: PlannedVersions, outside: Outside): void {
  for (const warning of [...versioning.workspace.warnings, ...versioning.warnings, ...plan.left])
    outside.say(warningText(warning));
  outside.say(`rules of Changesets ${plan.generation}: ${plan.generationBecause}`);
  const { preState } = versioning.input;
  if (preState?.mode === "pre")
    outside.say(`in pre mode "${preState.tag}": versions are prereleases until \`slipway pre exit\``);
}

function nothing(planned: PlannedVersions, flags: WriteVersionsFlags, outside: Outside): ExitStatus {
  const sentence = "no changeset is pending, so there is no version to give";
  if (flags["fail-if-none"]) {
    const hint = "`slipway change` writes a changeset";
    throw new UserError("version/nothing-pending", sentence, { hint });
  }
  if (flags.json) outside.answer(JSON.stringify(planned.plan, null, 2));
  else outside.say(sentence);
  return 0;
}

function finished(
  plan: VersionPlan,
  flags: WriteVersionsFlags & { readonly commits: boolean },
  outside: Outside,
): ExitStatus {
  if (flags.json) outside.answer(JSON.stringify(plan, null, 2));
  else {
    if (plan.bumps.length > 0)
      outside.answer(renderBumps(plan.bumps, painter(outside.terminal.color), flags.verbose));
    const done = flags.plan ? "would write" : "wrote";
    const after = flags.plan || flags.commits ? "" : "; read them with `git diff`, then commit";
    outside.say(`${done} ${editsText(plan) || "the state of pre mode"}${after}`);
  }
  return 0;
}
