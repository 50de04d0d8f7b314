import { replaceText } from "@slipway/host";
import { isRecord, UserError, type ExitStatus, type Problem } from "@slipway/kernel";
import { beyondBranch, planVersions, type PackageBump, type VersionDecision } from "@slipway/plan";
import { resolve } from "node:path";
import type { Outside } from "../command.ts";
import { painter } from "../report/paint.ts";
import { plural } from "../report/text.ts";
import { renderBumps } from "../report/versions.ts";
import { warningText } from "../report-error.ts";
import type { Base } from "../wire/base.ts";
import { jobEvent } from "../wire/job-event.ts";
import { loadVersioning, type LoadedVersioning, type VersioningChoices } from "../wire/load-versioning.ts";
import { maintenanceBranchOf } from "../wire/maintenance-branch.ts";
import { changedPackages, missingFrom, type ChangedPackages } from "./changed-packages.ts";

export interface StatusFlags {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly check: boolean;
  readonly since: string | undefined;
  readonly output: string | undefined;
  readonly "allow-author": readonly string[];
}

/** What `slipway status --json` prints. */
export interface StatusJson {
  readonly schema: 1;
  readonly generation: 2 | 3;
  readonly changesets: readonly {
    readonly id: string;
    readonly summary: string;
    readonly releases: unknown;
  }[];
  readonly bumps: readonly PackageBump[];
  /** Null unless a comparison was asked for, or when its history is not on this machine. */
  readonly changed: readonly string[] | null;
  /** Changed packages that no changeset of the branch names. */
  readonly missing: readonly string[];
}

/** `slipway status`: what is pending and what would come of it; with `--check`, whether a branch told what it changes. */
export async function showStatus(
  flags: StatusFlags,
  choices: VersioningChoices,
  outside: Outside,
): Promise<ExitStatus> {
  const { cwd, env } = outside;
  const versioning = await loadVersioning(cwd, choices);
  const compare = flags.check || flags.since !== undefined;
  const changed = compare ? await changedPackages(versioning, { env, base: flags.since ?? null }) : null;
  if (flags.check && changed?.base.kind === "missing") throw missingHistory(changed.base);
  const decision = await planVersions(sinceOnly(versioning, flags, changed));
  for (const warning of [...versioning.warnings, ...(changed?.warnings ?? []), ...decision.left])
    outside.say(warningText(warning));
  const missing = flags.check && changed ? missingFrom(changed, versioning) : [];
  const status = statusOf(versioning, decision, { changed, missing });
  if (flags.output !== undefined)
    await replaceText(resolve(cwd, flags.output), `${JSON.stringify(status, null, 2)}\n`);
  if (flags.json) outside.answer(JSON.stringify(status, null, 2));
  else answerText(status, versioning, { verbose: flags.verbose, outside });
  if (flags.check) {
    const isLacking = missing.length > 0 && !(await allowed(flags, versioning, env));
    const beyond = beyondBranch(decision.bumps, await maintenanceBranchOf(versioning, env));
    const problems = [...(isLacking ? [missingProblem(missing, changed)] : []), ...beyond];
    if (problems.length > 0) throw UserError.of(problems);
  }
  if (flags.check && !flags.json) outside.say("every changed package has its changeset, or needs none");
  return 0;
}

/** With `--since`, only the changesets that the branch added count. */
function sinceOnly(versioning: LoadedVersioning, flags: StatusFlags, changed: ChangedPackages | null) {
  const { input } = versioning;
  if (flags.since === undefined || !changed?.packages) return input;
  const added = new Set(changed.changesets);
  return { ...input, changesets: input.changesets.filter(({ id }) => added.has(id)) };
}

function statusOf(
  { input }: LoadedVersioning,
  decision: VersionDecision,
  found: { readonly changed: ChangedPackages | null; readonly missing: readonly string[] },
): StatusJson {
  return {
    schema: 1,
    generation: input.generation,
    changesets: input.changesets.map(({ id, summary, releases }) => ({ id, summary, releases })),
    bumps: decision.bumps,
    changed: found.changed?.packages?.map(({ name }) => name) ?? null,
    missing: found.missing,
  };
}

function answerText(
  status: StatusJson,
  { input, generationBecause }: LoadedVersioning,
  how: { readonly verbose: boolean; readonly outside: Outside },
): void {
  const { outside, verbose } = how;
  const paint = painter(outside.terminal.color);
  outside.say(`rules of Changesets ${input.generation}: ${generationBecause}`);
  if (input.preState) outside.say(`pre mode: ${input.preState.mode} "${input.preState.tag}"`);
  if (status.changesets.length === 0) return outside.answer("no changeset is pending");
  outside.answer(
    `${plural(status.changesets.length, "changeset")} pending, ${plural(status.bumps.length, "package")} to release`,
  );
  if (status.bumps.length > 0) outside.answer(renderBumps(status.bumps, paint, verbose));
}

/** Whether somebody who needs no changesets made this change. */
async function allowed(
  flags: StatusFlags,
  { root }: LoadedVersioning,
  env: Outside["env"],
): Promise<boolean> {
  if (flags["allow-author"].length === 0) return false;
  const names = await authorNames(root, env);
  return flags["allow-author"].some((name) => names.includes(name));
}

/**
 * Who opened the pull request, as the forge says: a commit's author is what its author wrote there. Without a pull
 * request, who started the job, or the author of the newest commit.
 */
async function authorNames(root: string, env: Outside["env"]): Promise<readonly (string | undefined)[]> {
  const event = await jobEvent(env);
  const opened =
    isRecord(event) && isRecord(event["pull_request"]) ? event["pull_request"]["user"] : undefined;
  if (isRecord(opened)) return [String(opened["login"])];
  const starter = env["GITHUB_ACTOR"] ?? env["GITLAB_USER_LOGIN"];
  if (starter !== undefined) return [starter];
  const { authorOf } = await import("@slipway/host");
  const author = await authorOf(root, "HEAD", env);
  return [author?.name, author?.email];
}

function missingHistory(base: Base & { readonly kind: "missing" }): UserError {
  const hint = `bring it with \`${base.fetch}\`; in a GitHub workflow, give actions/checkout \`fetch-depth: 0\``;
  return new UserError(
    "git/missing-history",
    `the history since ${base.ref} is not on this machine, so nobody knows what changed`,
    { hint },
  );
}

function missingProblem(missing: readonly string[], changed: ChangedPackages | null): Problem {
  const since = changed ? ` since ${changed.base.ref}` : "";
  return {
    code: "changeset/missing",
    message: `changed${since}, without a changeset: ${missing.join(", ")}`,
    hint: `run \`slipway change --package ${missing.join(" --package ")} --bump patch --message "…"\`, or \`slipway change --empty\``,
  };
}
