import { UserError, type ExitStatus } from "@slipway/kernel";
import { markOf, type PublishedPackages, type TagPlan } from "@slipway/plan";
import type { Context } from "../command.ts";
import { columns } from "../report/text.ts";
import { carriedOut } from "./release-changes.ts";
import { findRelease, lastRelease, viewsOfRelease, type FoundRelease } from "./release/find-release.ts";
import { locked, openGround, requireTokensFor, type ReleaseGround } from "./release/ground.ts";
import { passwordsOf } from "./release/passwords.ts";
import { rejectStaged } from "./release/reject-staged.ts";
import { tagHistory } from "./release/tag-history.ts";

type Here = Pick<Context, "cwd" | "env" | "signal" | "terminal" | "answer" | "say">;

const nothingDone = { promoted: new Set<string>(), approved: new Set<string>() };
const nothingRejected = { rejected: [], failures: [] };

type Stage = "released" | "promoted" | "confirmed" | "uploaded" | "not uploaded" | "on the registry";

/** `slipway release status`: how far a release is, from its journal. Changes nothing and needs no network for that. */
export async function statusHere(
  release: string | null,
  flags: { readonly json: boolean },
  here: Here,
): Promise<ExitStatus> {
  const ground = await openGround(here.cwd, here.env);
  const found = release === null ? await lastRelease(ground) : await findRelease(ground, release);
  if (found === null) {
    const nothing = { schema: 1, release: null, state: "none", packages: [] };
    here.answer(flags.json ? JSON.stringify(nothing) : "no release was made from here");
    return 0;
  }
  const packages = found.packages.map(({ name, version, tag, before }) => {
    return { name, version, tag, before, stage: stageOf(found, name) };
  });
  const state = await stateOf(found, ground);
  if (flags.json) {
    here.answer(JSON.stringify({ schema: 1, release: found.id, state, packages }));
    return 0;
  }
  const rows = packages.map(({ name, version, tag, stage }) => [`${name}@${version}`, tag, stage]);
  const lines = columns(rows).map((line) => `  ${line}`);
  const hint = state === "unfinished" ? [wayOn(found)] : [];
  here.answer([`release ${found.id} is ${state.replace("-", " ")}`, ...lines, ...hint].join("\n"));
  return 0;
}

type State = "unfinished" | "aborted" | "finished" | "rolled-back";

async function stateOf({ id, here }: FoundRelease, ground: ReleaseGround): Promise<State> {
  if ((await ground.home.current()) === id) return "unfinished";
  if (here && !here.progress.finished) return "aborted";
  return (await tagHistory(ground, id)).at(-1)?.action === "rollback" ? "rolled-back" : "finished";
}

function wayOn({ here }: FoundRelease): string {
  const { promoted, approved } = here?.progress ?? nothingDone;
  return promoted.size + approved.size > 0
    ? "go on with `slipway release resume`; its dist-tags have moved, so it can't be given up any more"
    : "go on with `slipway release resume`, or give it up with `slipway release abort`";
}

/**
 * `slipway release abort`: gives up a release none of whose dist-tags has moved. What it uploaded stays on the registry
 * without a tag; its versions are used up.
 */
export async function abortHere(
  flags: { readonly json: boolean; readonly otp: string | undefined; readonly yes: boolean },
  here: Here,
): Promise<ExitStatus> {
  const ground = await openGround(here.cwd, here.env, passwordsOf(flags, here));
  return locked(ground, async () => {
    const id = await ground.home.current();
    if (id === null) {
      here.answer(
        flags.json ? JSON.stringify({ type: "finished", aborted: null, exit: 0 }) : "no release is under way",
      );
      return 0;
    }
    const found = await findRelease(ground, id);
    const { promoted } = found.here?.progress ?? nothingDone;
    // What was approved before the rest was rejected stays, and the next release takes it in.
    if (promoted.size > 0) throw onlyForward(id);
    if (!(await isMeant(id, flags, here))) return 2;
    const published = await viewsOfRelease(ground, found.packages);
    const plan = untagging(found, published);
    requireTokensFor(
      ground,
      plan.moves.map(({ registry }) => registry),
    );
    const isStaged = found.here?.plan.mode === "stage";
    const taken = found.here && isStaged ? await rejectStaged(ground, found.here) : nothingRejected;
    const { failures } = await carriedOut(plan, ground, here);
    if (failures.length + taken.failures.length > 0) {
      for (const { name, message } of failures) here.say(`${name}: ${message}`);
      for (const message of taken.failures) here.say(message);
      return 3;
    }
    if (isStaged) await ground.notes.remove(id);
    await ground.home.end(id);
    // What somebody else published under the same version is theirs.
    const used = found.packages
      .filter(
        ({ name, version }) => markOf(published[name]?.versions[version]?.manifest ?? {})?.release === id,
      )
      .map(({ name, version }) => `${name}@${version}`);
    if (flags.json) here.answer(JSON.stringify({ type: "finished", aborted: id, uploaded: used, exit: 0 }));
    else here.answer(conclusion(id, used));
    return 0;
  });
}

/** A person is asked; a script that says so means it. */
async function isMeant(
  id: string,
  { yes, json }: { readonly yes: boolean; readonly json: boolean },
  { terminal, say }: Here,
): Promise<boolean> {
  if (yes || json || !terminal.interactive) return true;
  const { confirmChange } = await import("../prompts/confirm-release.ts");
  if (await confirmChange(`Give up release ${id}?`)) return true;
  say("nothing was changed");
  return false;
}

function stageOf({ here }: FoundRelease, name: string): Stage {
  if (!here) return "on the registry";
  const { progress } = here;
  if (progress.finished) return "released";
  if (progress.promoted.has(name)) return "promoted";
  if (progress.confirmed.has(name)) return "confirmed";
  return progress.uploaded.has(name) ? "uploaded" : "not uploaded";
}

/**
 * The batch tags go, so that no later release takes these uploads for a batch that it has to end: those that the journal
 * knows of, and those that arrived without a word of it.
 */
function untagging({ id, here }: FoundRelease, published: PublishedPackages): TagPlan {
  const moves = (here?.plan.packages ?? []).flatMap(({ name, registry, version, batchTags }) => {
    return batchTags
      .filter((tag) => here?.progress.uploaded.has(name) || published[name]?.distTags[tag] === version)
      .map((tag) => ({ package: name, registry, tag, from: version, to: null }));
  });
  return { schema: 1, action: "abort", release: id, moves, deprecations: [], left: [] };
}

function conclusion(id: string, used: readonly string[]): string {
  if (used.length === 0) return `release ${id} is given up; nothing of it is on a registry`;
  return [
    `release ${id} is given up; what it uploaded stays on the registry without a dist-tag:`,
    ...used.map((each) => `  ${each}`),
    "raise their versions before the next release",
  ].join("\n");
}

function onlyForward(id: string): UserError {
  return new UserError("release/only-forward", `dist-tags of release ${id} have moved already`, {
    hint: "end it with `slipway release resume`; `slipway rollback` then takes it back as a whole",
  });
}
