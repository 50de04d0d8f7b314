import type { ClientOptions, Forge, ForgeComment } from "@slipway/forge";
import { readText } from "@slipway/host";
import { UserError, type ExitStatus } from "@slipway/kernel";
import { beyondBranch, planVersions } from "@slipway/plan";
import { resolve } from "node:path";
import type { Outside } from "../command.ts";
import { commentMark, prComment } from "../report/pr-comment.ts";
import { readPrFacts, type PrFacts } from "../report/pr-facts.ts";
import { warningText } from "../report-error.ts";
import { changesetName } from "../wire/changeset-name.ts";
import { loadVersioning } from "../wire/load-versioning.ts";
import { maintenanceBranchOf } from "../wire/maintenance-branch.ts";
import { openForgeHere } from "../wire/open-forge-here.ts";
import { requestHere, type RequestHere } from "../wire/request-here.ts";
import { changedPackages, missingFrom } from "./changed-packages.ts";

export interface PrCommentFlags {
  readonly base: string | undefined;
  readonly from: string | undefined;
  readonly json: boolean;
  readonly post: boolean;
}

/** `slipway pr-comment`: what a pull request would release, and what it leaves untold, as Markdown. */
export async function writePrComment(
  flags: PrCommentFlags,
  outside: Outside,
  options: { readonly forge?: ClientOptions } = {},
): Promise<ExitStatus> {
  const facts =
    flags.from === undefined ? await factsHere(flags, outside) : await factsFrom(flags.from, outside);
  if (facts === null) {
    outside.say(`there is no ${flags.from}, so there is nothing to say`);
    return 0;
  }
  const request = await requestHere(outside.env);
  const text = prComment(facts, { place: request.place, fileName: changesetName() });
  if (flags.json) outside.answer(JSON.stringify(facts));
  else if (!flags.post) outside.answer(text);
  if (!flags.post) return 0;
  const forge = await openForgeHere(outside.cwd, outside.env, options.forge);
  outside.say(await post(forge, { request, facts, text }));
  return 0;
}

async function factsHere(flags: PrCommentFlags, outside: Outside): Promise<PrFacts> {
  const { cwd, env } = outside;
  const versioning = await loadVersioning(cwd);
  const changed = await changedPackages(versioning, { env, base: flags.base ?? null });
  if (changed.base.kind === "missing") {
    const message = `the history since ${changed.base.ref} is not on this machine, so nobody knows what changed`;
    throw new UserError("git/missing-history", message, { hint: `bring it with \`${changed.base.fetch}\`` });
  }
  for (const warning of changed.warnings) outside.say(warningText(warning));
  const added = new Set(changed.changesets);
  const changesets = versioning.input.changesets.filter(({ id }) => added.has(id));
  const { bumps } = await planVersions({ ...versioning.input, changesets });
  const beyond = beyondBranch(bumps, await maintenanceBranchOf(versioning, env));
  return {
    schema: 1,
    beyond: beyond.map(({ message }) => message),
    bumps: bumps.map(({ package: name, bump, from, to }) => ({ package: name, bump, from, to })),
    missing: missingFrom(changed, versioning),
    added: added.size,
    versioning: changed.isVersioning,
  };
}

async function factsFrom(file: string, { cwd }: Outside): Promise<PrFacts | null> {
  const text = await readText(resolve(cwd, file));
  return text === null ? null : readPrFacts(text, file);
}

/** The comments of the bot and of the action that do the same: whoever has them wants no second one. */
function isAnothers({ author, body }: ForgeComment): boolean {
  return (
    author === "changeset-bot[bot]" ||
    (isBot(author) && /^<!-- changesets?-(?:bot|action-pr-comment)/.test(body))
  );
}

function isBot(author: string): boolean {
  return /\[bot\]$|_bot\b/.test(author);
}

/** A person may have copied the mark: a bot's comment goes first. */
function ownAmong(comments: readonly ForgeComment[]): ForgeComment | undefined {
  const marked = comments.filter(({ body }) => body.startsWith(commentMark));
  return marked.find(({ author }) => isBot(author)) ?? marked[0];
}

/** One comment a request, edited in place. @returns what was done, in words */
async function post(
  forge: Forge,
  { request, facts, text }: { readonly request: RequestHere; readonly facts: PrFacts; readonly text: string },
): Promise<string> {
  const found = request.head === null ? null : await forge.requestOfCommit(request.head);
  const number = request.number ?? found?.number ?? null;
  if (number === null) return `this is no commit of an open ${forge.requestTitle}: nothing to comment on`;
  const comments = await forge.comments(number);
  if (comments.some(isAnothers)) return "another bot comments on changesets here: silent";
  const own = ownAmong(comments);
  const isQuiet = facts.versioning || (facts.added === 0 && facts.missing.length === 0);
  if (own === undefined && isQuiet) return "nothing to say about this change";
  // The link's file name is another one each time.
  if (own !== undefined && withoutName(own.body) === withoutName(text)) return "the comment is up to date";
  await (own === undefined ? forge.addComment(number, text) : forge.editComment(number, own.id, text));
  return own === undefined ? `commented on ${number}` : `brought the comment on ${number} up to date`;
}

function withoutName(text: string): string {
  return text
    .trim()
    .replaceAll("\r\n", "\n")
    .replaceAll(/\.changeset%2F[\w-]+\.md/g, "");
}
