import {
  openReleaseTags,
  openRepository,
  openStagedNotes,
  readText,
  takeLock,
  takeRemoteLock,
  uncommittedChanges,
  type ReleaseTags,
  type StagedNotes,
} from "@slipway/host";
import { UserError, type PackageName } from "@slipway/kernel";
import { readReleaseSettings, taggedBy, type ReleasePlan, type ReleaseSettings } from "@slipway/plan";
import { readNpmrc, type NpmSettings } from "@slipway/registry";
import type { PlannedLook, RegistryPort, ReleaseResult } from "@slipway/release";
import { join } from "node:path";
import { provenanceSigner } from "../../wire/provenance-signer.ts";
import { openCredentials, proveRights, type AskForPassword, type Credentials } from "./credentials.ts";
import { releaseOnForge } from "./forge-releases.ts";
import { unfinishedInstall } from "../unfinished-install.ts";
import { progressIn } from "./journal-progress.ts";
import { publishBatch } from "./publish-batch.ts";
import { openReleaseHome, type ReleaseHome } from "./release-home.ts";
import type { ReleaseRequest, ReleaseStory } from "./request.ts";
import type { SealedBatch } from "./sealed-folder.ts";
import { noteStaged } from "./staged-here.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a release stands on: a repository, its registries with their credentials, its tags and its journals. */
export interface ReleaseGround {
  /** Absolute. */
  readonly root: string;
  readonly commit: string;
  readonly home: ReleaseHome;
  readonly npmrc: NpmSettings;
  readonly tags: ReleaseTags;
  readonly notes: StagedNotes;
  readonly settings: ReleaseSettings;
  readonly credentials: Credentials;
  /** What planning saw on the registries. */
  readonly looks: Map<PackageName, PlannedLook>;
  /** Asked before each change: why nothing may be changed any more, since a lock may be somebody else's by now. */
  readonly guards: Set<() => string | null>;
  /** Called before a batch goes out: what came before may have kept this process from showing that it lives. */
  readonly renewals: Set<() => Promise<void>>;
  registry(url: string): RegistryPort;
  /** Whether the clone holds a commit. */
  has(commit: string): Promise<boolean>;
  /** A file of the workspace as a commit has it; null when it is not there. */
  textAt(commit: string, path: string): Promise<string | null>;
}

/** @throws UserError `git/not-a-repository`; `git/unknown-ref` when there is no commit */
export async function openGround(
  root: string,
  env: Environment,
  otp: AskForPassword = () => Promise.resolve(null),
): Promise<ReleaseGround> {
  // Programs of git, and what they cost is waiting.
  const [repository, tags] = await Promise.all([openRepository(root, env), openReleaseTags(root, env)]);
  const commit = await repository.commitOf("HEAD");
  if (commit === null) {
    throw new UserError("git/unknown-ref", "this repository has no commit yet", {
      hint: "commit what you have: a release is made from a commit",
    });
  }
  const npmrc = readNpmrc(root, env);
  const credentials = openCredentials(npmrc, env, otp);
  return {
    root,
    commit,
    npmrc,
    home: await openReleaseHome(repository.commonDir),
    tags,
    notes: openStagedNotes(root, env),
    settings: await releaseSettingsIn(root),
    credentials,
    looks: new Map(),
    guards: new Set(),
    renewals: new Set(),
    registry: (url) => credentials.registry(url),
    has: async (name) => (await repository.commitOf(name)) !== null,
    textAt: async (at, path) => (await repository.fileAt(at, path))?.toString("utf8") ?? null,
  };
}

/** One release of a repository at a time. */
export async function locked<T>({ home, guards }: ReleaseGround, work: () => Promise<T>): Promise<T> {
  const lock = await takeLock(home.lock, new Date());
  const guard = (): string | null =>
    lock.isMine() ? null : "another process has the lock of this repository";
  guards.add(guard);
  try {
    return await work();
  } finally {
    guards.delete(guard);
    await lock.release();
  }
}

/** Of all machines that share the remote, only this one releases while `work` goes on. */
export async function alone<T>(
  ground: ReleaseGround,
  { request, tell }: { readonly request: ReleaseRequest; readonly tell: (story: ReleaseStory) => void },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (!ground.settings.lock) return work(request.signal);
  const lost = new AbortController();
  const note = (text: string): void => tell({ type: "note", text });
  const lock = await takeRemoteLock(ground.root, {
    env: request.env,
    onLost: () => {
      note("another machine took this release over: it stops here");
      lost.abort();
    },
    onWaiting: (holder) => note(`${holder} holds the release lock of origin; waiting for a sign of life`),
  });
  if (lock.state === "unavailable") {
    if (lock.because !== "there is no remote named origin") note(`no lock on origin: ${lock.because}`);
    return work(request.signal);
  }
  // Whoever had it may have changed what was seen.
  if (lock.contended) ground.looks.clear();
  const guard = (): string | null => {
    return lock.isOverdue() ? "origin has had no sign of life from here for too long" : null;
  };
  const renew = (): Promise<void> => lock.renew();
  ground.guards.add(guard);
  ground.renewals.add(renew);
  try {
    return await work(AbortSignal.any([request.signal, lost.signal]));
  } finally {
    ground.guards.delete(guard);
    ground.renewals.delete(renew);
    await lock.release();
  }
}

/** Proves that the batch may go out as a whole; `begin` keeps it as the release that is under way. */
export async function provedAndBegun(
  ground: ReleaseGround,
  { plan }: SealedBatch,
  tell: (story: ReleaseStory) => void,
): Promise<void> {
  await proved(ground, plan, tell);
  await begun(ground, plan, tell);
}

/** The same where the batch is known before the lock is taken: proving changes nothing, so both go on at once. */
export async function provedAndAlone<T>(
  ground: ReleaseGround,
  batch: SealedBatch,
  {
    request,
    tell,
    work,
  }: Omit<Publishing, "signal"> & { readonly work: (signal: AbortSignal) => Promise<T> },
): Promise<T> {
  const proof = proved(ground, batch.plan, tell);
  // Where the lock is not to be had, nobody asks how it ended.
  proof.catch(() => undefined);
  return alone(ground, { request, tell }, async (signal) => {
    await proof;
    await begun(ground, batch.plan, tell);
    return work(signal);
  });
}

async function proved(
  { home, credentials }: ReleaseGround,
  plan: ReleasePlan,
  tell: (story: ReleaseStory) => void,
): Promise<void> {
  const isBegun = (await home.current()) === plan.id;
  const uploaded = isBegun ? (await progressIn(home.journalOf(plan.id))).uploaded : new Set<string>();
  await proveRights({ plan, uploaded, credentials, note: (text) => tell({ type: "note", text }) });
}

async function begun(
  ground: ReleaseGround,
  plan: ReleasePlan,
  tell: (story: ReleaseStory) => void,
): Promise<void> {
  const { home } = ground;
  if ((await home.current()) !== plan.id) await home.begin(plan.id);
  if (plan.mode === "stage" && !(await noteStaged(ground, plan))) tell({ type: "note", text: unnoted });
}

const unnoted =
  "origin takes no notes of what is staged: if this machine is lost, another one goes on only with the same bytes";

export interface Publishing {
  readonly request: ReleaseRequest;
  readonly signal: AbortSignal;
  readonly tell: (story: ReleaseStory) => void;
}

/** Carries a batch out, or on from where its journal ends; the journal stands beside the batch in git's directory. */
export async function publishOn(
  ground: ReleaseGround,
  batch: SealedBatch,
  { request, signal, tell }: Publishing,
): Promise<ReleaseResult> {
  const { id, packages } = batch.plan;
  tell({ type: "phase", phase: "publish", count: packages.length });
  for (const renew of ground.renewals) await renew();
  let isLost = false;
  const stopped = (): boolean => {
    if (isLost || signal.aborted) return true;
    const [why] = [...ground.guards].flatMap((guard) => guard() ?? []);
    isLost = why !== undefined;
    if (isLost) tell({ type: "note", text: `${why}, and somebody else may release: it stops here` });
    return isLost;
  };
  const result = await publishBatch(batch, {
    registry: (url) => ground.registry(url),
    tags: ground.tags,
    journal: ground.home.journalOf(id),
    looked: ground.looks,
    sign: provenanceSigner(request.env),
    mayApprove:
      request.mayApprove === true &&
      packages.every(({ registry }) => ground.credentials.offer(registry).token),
    signal,
    stopped,
    onEvent: (event) => tell({ type: "release", event }),
  });
  if (result.state !== "finished") return result;
  if (batch.plan.mode === "stage") await ground.notes.remove(id);
  const journal = ground.home.journalOf(id);
  const { failures, isOver } = await releaseOnForge(() => Promise.resolve(taggedBy(batch.plan)), {
    ground,
    request,
    tell,
    journal,
  });
  if (isOver) await ground.home.end(id);
  return failures.length === 0 ? result : { ...result, state: "unfinished", failures };
}

/**
 * What is packed must be found again in git. An interrupted build of the same commit may have left files behind, and an
 * interrupted install edits.
 */
export async function requireClean(
  { root, commit, home }: ReleaseGround,
  tell: (story: ReleaseStory) => void,
): Promise<void> {
  const isBegun = (await home.cleanCommit()) === commit;
  const put = isBegun ? await unfinishedInstall(root).putBack(commit) : [];
  for (const { file, keptIn } of put) {
    const text = `${file} is as it was before an install that was cut off; what that made of it is in ${keptIn}`;
    tell({ type: "note", text });
  }
  const changes = await uncommittedChanges(root);
  const paths = isBegun ? changes.tracked : [...changes.tracked, ...changes.untracked];
  if (paths.length > 0) throw dirty(paths);
  await home.rememberClean(commit);
}

/** What is missing is said before anything is changed. */
export function requireTokensFor({ npmrc }: ReleaseGround, registries: readonly string[]): void {
  const without = [...new Set(registries)].filter((url) => npmrc.target(url).auth === null);
  if (without.length === 0) return;
  throw new UserError("release/needs-token", `there are no credentials for ${without.join(", ")}`, {
    hint: "add a line such as //HOST/:_authToken=${NPM_TOKEN} to .npmrc, and set the variable",
  });
}

/** Where the tarballs of a batch are packed to, beside its plan and journal. */
export function tarballsOf({ home }: ReleaseGround, id: string): string {
  return join(home.folderOf(id), "tarballs");
}

export type ReleaseOutcome = ReleaseResult | { readonly state: "nothing" | "not-approved" };

export async function releaseSettingsIn(root: string): Promise<ReleaseSettings> {
  const read = readReleaseSettings(await readText(join(root, "slipway.json")));
  if (!read.ok) throw UserError.of(read.problems);
  return read.value;
}

const pathsNamedMax = 10;

function dirty(paths: readonly string[]): UserError {
  const named = paths.slice(0, pathsNamedMax).join(", ");
  const more = paths.length > pathsNamedMax ? ` and ${paths.length - pathsNamedMax} more` : "";
  return new UserError("release/dirty-tree", `the work tree has uncommitted changes: ${named}${more}`, {
    hint: "commit them, or undo them; what is published must be found again in git",
  });
}
