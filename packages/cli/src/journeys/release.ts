import { UserError } from "@slipway/kernel";
import { approvalBecause, isNothingToDo, type ReleasePlan } from "@slipway/plan";
import type { ReleaseResult } from "@slipway/release";
import { loadVersioning, type LoadedVersioning } from "../wire/load-versioning.ts";
import { releaseChannel } from "../wire/maintenance-branch.ts";
import {
  alone,
  locked,
  openGround,
  publishOn,
  provedAndAlone,
  provedAndBegun,
  requireClean,
  tarballsOf,
  type ReleaseGround,
  type ReleaseOutcome,
} from "./release/ground.ts";
import { keptBackText } from "../report/kept-back.ts";
import { batchBegun, sameBatch } from "./release/batch-begun.ts";
import { requireCredentials } from "./release/credentials.ts";
import {
  decisions,
  ownPlan,
  provenanceSetting,
  requireForward,
  requireProvenance,
} from "./release/decide.ts";
import { healedOnForge } from "./release/heal-on-forge.ts";
import { isSinglePackage, planBatch } from "./release/plan-batch.ts";
import { withTagsThatCanBeMade } from "./release/possible-tags.ts";
import { adoptBatch, prepareBatch } from "./release/prepare-batch.ts";
import type { ReleaseRequest, ReleaseStory } from "./release/request.ts";
import { foundElsewhere } from "./release/resume-elsewhere.ts";
import { readSealedFolder, writeSealedFolder, type SealedBatch } from "./release/sealed-folder.ts";
import { stagedByUs } from "./release/staged-here.ts";

export type { ReleaseOutcome };

type Tell = (story: ReleaseStory) => void;

/**
 * Releases what the workspace has and its registries have not, from a clean checkout of HEAD. A release that was begun
 * here and has not ended is continued first.
 *
 * @throws UserError for all that stops a release before its first upload; later faults are part of the result
 */
export async function release(request: ReleaseRequest, tell: Tell): Promise<ReleaseOutcome> {
  const versioning = await loadVersioning(request.cwd);
  const ground = await openGround(versioning.root, request.env, request.otp);
  const journey = { ground, versioning, request, tell };
  return locked(ground, async () => {
    const before = await resumed(journey);
    if (before && before.state !== "finished" && !(await givenWay(before, journey))) return before;
    const now = await releasedFromHere(journey);
    if ("released" in now && (await givenWay(now, journey))) return releasedFromHere(journey);
    return before?.state === "finished" ? both(before, now) : now;
  });
}

async function releasedFromHere(journey: Journey): Promise<ReleaseOutcome> {
  const { ground, versioning, request, tell } = journey;
  const plan = await planHere(ground, versioning, { request, tell });
  if (isNothingToDo(plan)) {
    const text = keptBackText(plan.left);
    if (text !== null) tell({ type: "note", text });
    return healedOnForge(ground, versioning, { request, tell });
  }
  tell({ type: "planned", plan });
  if (!(await approved(plan, journey))) return { state: "not-approved" };
  return alone(ground, { request, tell }, async (signal) => {
    const batch = await prepared(plan, journey);
    await provedAndBegun(ground, batch, tell);
    return publishOn(ground, batch, { request: first(request), signal, tell });
  });
}

/** What is staged now is looked at before somebody approves it: by a command of its own. */
function first(request: ReleaseRequest): ReleaseRequest {
  return { ...request, mayApprove: false };
}

async function approved(
  plan: ReleasePlan,
  { ground, request }: Omit<Journey, "versioning">,
): Promise<boolean> {
  const require = async (): Promise<void> => {
    requireForward(plan);
    await requireCredentials(plan, ground.credentials);
    if (request.provenance !== false) requireProvenance(plan);
  };
  const because = approvalBecause(plan, ground.settings.approval);
  if (!(await request.approve(plan, require, because))) return false;
  await require();
  return true;
}

/**
 * Another machine carried this very release out, with a build of its own: what it uploaded stays, and the batch that
 * was sealed here gives way to it.
 */
async function givenWay(result: ReleaseResult, { ground, tell }: Journey): Promise<boolean> {
  if (result.state !== "conflict" || !result.conflicts.every(({ twin }) => twin)) return false;
  const id = await ground.home.current();
  if (id !== null) await ground.home.end(id);
  tell({
    type: "note",
    text: "another machine uploaded this release from its own build: it is adopted as served",
  });
  return true;
}

/**
 * Makes the batch ready to go out, and writes it to a folder that another machine releases from. Needs no token.
 *
 * @returns null when nothing has to be released
 */
export async function seal(request: ReleaseRequest, folder: string, tell: Tell): Promise<SealedBatch | null> {
  const versioning = await loadVersioning(request.cwd);
  const ground = await openGround(versioning.root, request.env);
  return locked(ground, async () => {
    const plan = await planHere(ground, versioning, { request, tell });
    if (plan.packages.length === 0) return null;
    tell({ type: "planned", plan });
    requireForward(plan);
    const batch = await prepared(plan, { ground, versioning, request, tell });
    return writeSealedFolder(folder, batch);
  });
}

/**
 * Publishes exactly what a sealed folder holds, from any machine with the repository. No code of the repository runs.
 *
 * @throws UserError `release/seal-broken` when one bit differs
 */
export async function releaseSealed(
  request: ReleaseRequest,
  folder: string,
  tell: Tell,
): Promise<ReleaseOutcome> {
  const sealed = await readSealedFolder(folder);
  const ground = await openGround(request.cwd, request.env, request.otp);
  return locked(ground, async () => {
    const { home } = ground;
    const begun = await batchBegun(ground.home, tell);
    const batch =
      begun === null
        ? { ...sealed, plan: await ownPlan(sealed.plan, ground, request) }
        : sameBatch(begun, sealed);
    tell({ type: "planned", plan: batch.plan });
    if (!(await approved(batch.plan, { ground, request, tell }))) return { state: "not-approved" };
    if (!(await ground.has(batch.plan.commit))) throw strangeCommit(batch.plan.commit);
    const kept = begun === null ? await writeSealedFolder(home.folderOf(batch.plan.id), batch) : batch;
    const how = begun === null ? first(request) : request;
    return provedAndAlone(ground, kept, {
      request,
      tell,
      work: (signal) => publishOn(ground, kept, { request: how, signal, tell }),
    });
  });
}

/** Goes on with the release that was begun here, and begins no other. */
export async function resume(request: ReleaseRequest, tell: Tell): Promise<ReleaseOutcome> {
  const ground = await openGround(request.cwd, request.env, request.otp);
  return locked(ground, async () => {
    const journey = { ground, request, tell };
    return (await resumed(journey)) ?? resumedFromRegistries(journey);
  });
}

/** A release whose journal is on another machine: what it uploaded is taken as served, confirmed, promoted and tagged. */
async function resumedFromRegistries({
  ground,
  request,
  tell,
}: Omit<Journey, "versioning">): Promise<ReleaseOutcome> {
  const versioning = await loadVersioning(request.cwd);
  // In any other mode than `tag` a missing git tag is the sign of what has not ended.
  const mode = (await ground.notes.read()).length > 0 ? "stage" : "direct";
  const plan = await planHere(ground, versioning, { request: { ...request, mode }, tell });
  const found = await foundElsewhere(ground, plan);
  if (found === "nothing") return { state: "nothing" };
  if (found !== "uploaded") return found;
  tell({ type: "planned", plan });
  return alone(ground, { request, tell }, async (signal) => {
    const to = tarballsOf(ground, plan.id);
    const batch = await adoptBatch(plan, { registry: (url) => ground.registry(url), to, tell });
    const kept = await writeSealedFolder(ground.home.folderOf(plan.id), batch);
    await provedAndBegun(ground, kept, tell);
    return publishOn(ground, kept, { request, signal, tell });
  });
}

/** The plan and the bytes of an interrupted release are taken as they were sealed. */
async function resumed({
  ground,
  request,
  tell,
}: Omit<Journey, "versioning">): Promise<ReleaseResult | null> {
  const batch = await batchBegun(ground.home, tell);
  if (batch === null) return null;
  tell({
    type: "note",
    text: `release ${batch.plan.id} was begun and has not ended: it is continued first`,
  });
  return provedAndAlone(ground, batch, {
    request,
    tell,
    work: (signal) => publishOn(ground, batch, { request, signal, tell }),
  });
}

async function planHere(
  ground: ReleaseGround,
  versioning: LoadedVersioning,
  { request, tell }: { readonly request: ReleaseRequest; readonly tell: Tell },
): Promise<ReleasePlan> {
  const channel = await releaseChannel(versioning, request);
  // Asked for along with the packages.
  const existing = ground.tags.tags();
  const plan = await planBatch({
    versioning,
    commit: ground.commit,
    registryOf: (name, config) => ground.npmrc.publishTarget(name, config).url,
    registry: (url) => ground.registry(url),
    looks: ground.looks,
    staged: (missing) => stagedByUs(ground, missing),
    gitTags: existing,
    channel,
    settings: ground.settings,
    provenanceSetting: provenanceSetting(ground.npmrc),
    ...decisions(ground, request),
  });
  const singlePackage = isSinglePackage(versioning);
  return withTagsThatCanBeMade(plan, { ground, existing: await existing, singlePackage, tell });
}

interface Journey {
  readonly ground: ReleaseGround;
  readonly versioning: LoadedVersioning;
  readonly request: ReleaseRequest;
  readonly tell: Tell;
}

async function prepared(
  plan: ReleasePlan,
  { ground, versioning, request, tell }: Journey,
): Promise<SealedBatch> {
  if (plan.packages.some(({ state }) => state === "missing")) await requireClean(ground, tell);
  if (plan.packages.length === 0)
    return writeSealedFolder(ground.home.folderOf(plan.id), { plan, tarballs: [] });
  const batch = await prepareBatch(plan, {
    request,
    versioning,
    npmrc: ground.npmrc,
    registry: (url) => ground.registry(url),
    to: tarballsOf(ground, plan.id),
    tell,
  });
  return writeSealedFolder(ground.home.folderOf(plan.id), batch);
}

function both(before: ReleaseResult, now: ReleaseOutcome): ReleaseOutcome {
  if (now.state === "nothing") return before;
  return "released" in now ? { ...now, released: [...before.released, ...now.released] } : now;
}

function strangeCommit(commit: string): UserError {
  return new UserError("git/missing-history", `the commit of this release, ${commit}, is not in this clone`, {
    hint: `run \`git fetch origin ${commit}\`: its git tags are made from here`,
  });
}
