import type { BranchFile, ClientOptions, Forge } from "@slipway/forge";
import { headTree, readText, replaceText, type HeadTree } from "@slipway/host";
import { isRecord, UserError, type ExitStatus, type Problem } from "@slipway/kernel";
import { preStatePath, readVersionPlan, type FileEdit, type VersionPlan } from "@slipway/plan";
import { join, resolve } from "node:path";
import type { Outside } from "../command.ts";
import { plural } from "../report/text.ts";
import { versionRequest } from "../report/version-request.ts";
import { loadWorkspace } from "../wire/load-workspace.ts";
import { openForgeHere } from "../wire/open-forge-here.ts";
import { planWorkTree, type VersionOptions } from "./version.ts";
import { tellAbout } from "./write-versions.ts";

export interface VersionPrFlags {
  /** Keep the plan in this file, and ask nothing of the forge. */
  readonly prepare: string | undefined;
  /** Take the plan from this file instead of making it. */
  readonly from: string | undefined;
  readonly base: string | undefined;
  readonly title: string;
  readonly json: boolean;
  readonly plan: boolean;
}

/** What `slipway version-pr --json` prints. */
interface VersionPrJson {
  readonly schema: 1;
  readonly state: "nothing" | "planned" | "prepared" | "opened" | "updated" | "unchanged";
  readonly branch?: string;
  readonly number?: number;
  readonly url?: string;
}

export interface VersionPrOptions extends VersionOptions {
  /** For tests: who answers instead of the network. */
  readonly forge?: ClientOptions;
}

/**
 * `slipway version-pr`: the pending versions as a branch of one commit and the request to merge it, through the forge's
 * API. The work tree stays as it is, and with `--from` no code of the repository runs.
 */
export async function versionPr(
  flags: VersionPrFlags,
  options: VersionPrOptions,
  outside: Outside,
): Promise<ExitStatus> {
  const { cwd, env } = outside;
  const { root } = loadWorkspace(cwd, { packagesOnly: true });
  const plan = await planOf(flags, options, outside);
  if (plan === null)
    return said(
      { schema: 1, state: "nothing" },
      "no changeset is pending, so there is no version to ask for",
      { flags, outside },
    );
  if (flags.prepare !== undefined) {
    await replaceText(resolve(cwd, flags.prepare), `${JSON.stringify(plan)}\n`);
    return said(
      { schema: 1, state: "prepared" },
      `${plural(plan.bumps.length, "version")} planned in ${flags.prepare}`,
      { flags, outside },
    );
  }
  const head = await headTree(root, env);
  const files = await branchFiles(plan.edits, root, head);
  const base = baseOf(flags, head, env);
  const branch = `changeset-release/${base}`;
  if (flags.plan) {
    const words = { title: flags.title, preTag: await preTagIn(root, plan), base, requestTitle: "request" };
    if (!flags.json) outside.answer(versionRequest(plan, words).body);
    return said(
      { schema: 1, state: "planned", branch },
      `would write ${plural(files.length, "file")} to ${branch}`,
      { flags, outside },
    );
  }
  const forge = await openForgeHere(root, env, options.forge);
  const words = {
    title: flags.title,
    preTag: await preTagIn(root, plan),
    base,
    requestTitle: forge.requestTitle,
  };
  const text = versionRequest(plan, words);
  const wrote = await forge.writeBranch({ branch, parent: head.commit, message: text.title, files });
  const done = await request(forge, { head: branch, base }, { text, wrote });
  const what = `${forge.requestTitle} ${done.state}: ${done.url ?? ""}`;
  return said({ schema: 1, branch, ...done }, what, { flags, outside });
}

/** Null: nothing is pending. */
async function planOf(
  flags: VersionPrFlags,
  options: VersionPrOptions,
  outside: Outside,
): Promise<VersionPlan | null> {
  if (flags.from !== undefined) {
    const text = await readText(resolve(outside.cwd, flags.from));
    if (text === null) return null;
    return readVersionPlan(text, flags.from);
  }
  const planned = await planWorkTree(outside.cwd, options);
  tellAbout(planned, outside);
  const { plan } = planned;
  return plan.edits.length === 0 ? null : plan;
}

/** The edits as files of the commit; each must be in HEAD as the plan found it. */
async function branchFiles(
  edits: readonly FileEdit[],
  root: string,
  head: HeadTree,
): Promise<readonly BranchFile[]> {
  const changed = new Set(head.changed);
  const problems: Problem[] = [];
  const files: BranchFile[] = [];
  for (const { path, before, after } of edits) {
    const known = head.files.get(path);
    const now = await readText(join(root, path));
    if (now !== before || changed.has(path) || (known === undefined) !== (before === null))
      problems.push({
        code: "version/changed-meanwhile",
        message: "the file is not in the commit that is checked out as it was when the versions were planned",
        file: path,
        hint: "commit everything first, and prepare the plan from the same commit",
      });
    files.push({
      path: `${head.prefix}${path}`,
      text: after,
      isNew: known === undefined,
      executable: known?.executable ?? false,
    });
  }
  if (problems.length > 0) throw UserError.of(problems);
  return files;
}

function baseOf({ base }: VersionPrFlags, head: HeadTree, env: Outside["env"]): string {
  const ofCi = env["GITHUB_REF_TYPE"] === "branch" ? env["GITHUB_REF_NAME"] : env["CI_COMMIT_BRANCH"];
  const name = base ?? (ofCi || head.branch);
  if (name) return name;
  throw new UserError("git/unknown-ref", "no branch is checked out, so nobody knows what to merge into", {
    hint: "name it: --base BRANCH",
  });
}

async function request(
  forge: Forge,
  branches: { readonly head: string; readonly base: string },
  { text, wrote }: { readonly text: ReturnType<typeof versionRequest>; readonly wrote: boolean },
): Promise<{
  readonly state: "opened" | "updated" | "unchanged";
  readonly number: number;
  readonly url: string;
}> {
  const open = await forge.findRequest(branches);
  if (open === null) {
    const { number, url } = await forge.openRequest(branches, text);
    return { state: "opened", number, url };
  }
  const same = open.title === text.title && open.body.trim() === text.body.trim();
  if (!same) await forge.editRequest(open.number, text);
  return { state: same && !wrote ? "unchanged" : "updated", number: open.number, url: open.url };
}

/** The tag of pre mode, as it is after the plan. */
async function preTagIn(root: string, { edits }: VersionPlan): Promise<string | null> {
  const edit = edits.find(({ path }) => path === preStatePath);
  const text = edit ? edit.after : await readText(join(root, preStatePath));
  if (text === null) return null;
  const state: unknown = JSON.parse(text);
  return isRecord(state) && state["mode"] === "pre" && typeof state["tag"] === "string" ? state["tag"] : null;
}

function said(
  json: VersionPrJson,
  sentence: string,
  { flags, outside }: { readonly flags: Pick<VersionPrFlags, "json">; readonly outside: Outside },
): ExitStatus {
  if (flags.json) outside.answer(JSON.stringify(json));
  else outside.say(sentence);
  return 0;
}
