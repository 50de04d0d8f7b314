import { UserError } from "@slipway/kernel";
import type { GitTag, ReleasePlan } from "@slipway/plan";
import type { ReleaseResult } from "@slipway/release";
import { loadVersioning, type LoadedVersioning } from "../wire/load-versioning.ts";
import {
  locked,
  openGround,
  publishOn,
  requireClean,
  requireTokens,
  tarballsOf,
  type ReleaseGround,
  type ReleaseOutcome,
} from "./release/ground.ts";
import { planBatch } from "./release/plan-batch.ts";
import { prepareBatch } from "./release/prepare-batch.ts";
import type { ReleaseRequest, ReleaseStory } from "./release/request.ts";
import { readSealedFolder, writeSealedFolder, type SealedBatch } from "./release/sealed-folder.ts";

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
  const ground = await openGround(versioning.root, request.env);
  return locked(ground, async () => {
    const before = await resumed(ground, request, tell);
    if (before && before.state !== "finished") return before;
    const plan = await planHere(ground, versioning, { channel: request.channel, tell });
    if (plan.packages.length === 0 && plan.gitTags.length === 0) return before ?? { state: "nothing" };
    tell({ type: "planned", plan });
    requireTokens(ground, plan);
    if (!(await request.approve(plan))) return { state: "not-approved" };
    const batch = await prepared(plan, { ground, versioning, request, tell });
    await ground.home.begin(plan.id);
    return both(before, await publishOn(ground, batch, { signal: request.signal, tell }));
  });
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
    const plan = await planHere(ground, versioning, { channel: request.channel, tell });
    if (plan.packages.length === 0) return null;
    tell({ type: "planned", plan });
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
  const ground = await openGround(request.cwd, request.env);
  return locked(ground, async () => {
    const { plan } = sealed;
    const { home } = ground;
    tell({ type: "planned", plan });
    requireTokens(ground, plan);
    if (!(await request.approve(plan))) return { state: "not-approved" };
    if (!(await ground.has(plan.commit))) throw strangeCommit(plan.commit);
    const begun = await home.current();
    if (begun !== null && begun !== plan.id) throw anotherBegun(begun);
    if (begun === null) await home.begin(plan.id);
    const batch = await writeSealedFolder(home.folderOf(plan.id), sealed);
    return publishOn(ground, batch, { signal: request.signal, tell });
  });
}

/** Goes on with the release that was begun here, and begins no other. */
export async function resume(request: ReleaseRequest, tell: Tell): Promise<ReleaseOutcome> {
  const ground = await openGround(request.cwd, request.env);
  return locked(ground, async () => (await resumed(ground, request, tell)) ?? { state: "nothing" });
}

/** The plan and the bytes of an interrupted release are taken as they were sealed. */
async function resumed(
  ground: ReleaseGround,
  { signal }: ReleaseRequest,
  tell: Tell,
): Promise<ReleaseResult | null> {
  const id = await ground.home.current();
  if (id === null) return null;
  tell({ type: "note", text: `release ${id} was begun and has not ended: it is continued first` });
  return publishOn(ground, await readSealedFolder(ground.home.folderOf(id)), { signal, tell });
}

async function planHere(
  ground: ReleaseGround,
  versioning: LoadedVersioning,
  { channel, tell }: { readonly channel: string | null; readonly tell: Tell },
): Promise<ReleasePlan> {
  const plan = await planBatch({
    versioning,
    commit: ground.commit,
    registryOf: (name, config) => ground.npmrc.publishTarget(name, config).url,
    registry: (url) => ground.registry(url),
    gitTags: await ground.tags.tags(),
    channel,
  });
  return withTagsThatCanBeMade(ground, plan, tell);
}

/** An old commit may be cut off from a shallow clone; the release of today does not wait for it. */
async function withTagsThatCanBeMade(
  ground: ReleaseGround,
  plan: ReleasePlan,
  tell: Tell,
): Promise<ReleasePlan> {
  const gitTags: GitTag[] = [];
  for (const tag of plan.gitTags) {
    if (tag.commit === plan.commit || (await ground.has(tag.commit))) gitTags.push(tag);
    else {
      const text = `the git tag ${tag.name} is missing, and its commit ${tag.commit} is not in this clone: fetch it, and release again`;
      tell({ type: "note", text });
    }
  }
  return { ...plan, gitTags };
}

interface Preparing {
  readonly ground: ReleaseGround;
  readonly versioning: LoadedVersioning;
  readonly request: ReleaseRequest;
  readonly tell: Tell;
}

async function prepared(
  plan: ReleasePlan,
  { ground, versioning, request, tell }: Preparing,
): Promise<SealedBatch> {
  if (plan.packages.some(({ state }) => state === "missing")) await requireClean(ground);
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

function both(before: ReleaseResult | null, now: ReleaseResult): ReleaseResult {
  return before ? { ...now, released: [...before.released, ...now.released] } : now;
}

function strangeCommit(commit: string): UserError {
  return new UserError("git/missing-history", `the commit of this release, ${commit}, is not in this clone`, {
    hint: `run \`git fetch origin ${commit}\`: its git tags are made from here`,
  });
}

function anotherBegun(id: string): UserError {
  return new UserError("release/unfinished", `release ${id} was begun here and has not ended`, {
    hint: "end it with `slipway release resume`, or give it up with `slipway release abort`",
  });
}
