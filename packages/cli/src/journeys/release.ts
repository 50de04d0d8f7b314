import {
  openReleaseTags,
  openRepository,
  takeLock,
  uncommittedChanges,
  type ReleaseTags,
} from "@slipway/host";
import { UserError } from "@slipway/kernel";
import type { ReleasePlan } from "@slipway/plan";
import { readNpmrc, registryClient, type NpmSettings } from "@slipway/registry";
import type { RegistryPort, ReleaseResult } from "@slipway/release";
import { join } from "node:path";
import { loadVersioning, type LoadedVersioning } from "../wire/load-versioning.ts";
import { planBatch } from "./release/plan-batch.ts";
import { prepareBatch } from "./release/prepare-batch.ts";
import { publishBatch } from "./release/publish-batch.ts";
import { openReleaseHome, type ReleaseHome } from "./release/release-home.ts";
import type { ReleaseRequest, ReleaseStory } from "./release/request.ts";
import { readSealedFolder, writeSealedFolder, type SealedBatch } from "./release/sealed-folder.ts";

/** How a release ended: `nothing` had to be done, or the user did not approve of the plan. */
export type ReleaseOutcome = ReleaseResult | { readonly state: "nothing" | "not-approved" };

/**
 * Releases what the workspace has and its registries have not, from a clean checkout of HEAD. A release that was begun
 * here and has not ended is continued first.
 *
 * @throws UserError for all that stops a release before its first upload; later faults are part of the result
 */
export async function release(
  request: ReleaseRequest,
  tell: (story: ReleaseStory) => void,
): Promise<ReleaseOutcome> {
  const versioning = await loadVersioning(request.cwd);
  const { root } = versioning;
  const repository = await openRepository(root, request.env);
  const commit = await repository.commitOf("HEAD");
  if (commit === null) throw noCommit();
  const home = await openReleaseHome(repository.commonDir);
  const lock = await takeLock(home.lock, new Date());
  try {
    const journey = new Journey(request, tell, {
      versioning,
      commit,
      home,
      npmrc: readNpmrc(root, request.env),
      tags: await openReleaseTags(root, request.env),
    });
    return await journey.run();
  } finally {
    await lock.release();
  }
}

interface Place {
  readonly versioning: LoadedVersioning;
  readonly commit: string;
  readonly home: ReleaseHome;
  readonly npmrc: NpmSettings;
  readonly tags: ReleaseTags;
}

class Journey {
  private readonly request: ReleaseRequest;
  private readonly tell: (story: ReleaseStory) => void;
  private readonly place: Place;
  private readonly registries = new Map<string, RegistryPort>();

  constructor(request: ReleaseRequest, tell: (story: ReleaseStory) => void, place: Place) {
    this.request = request;
    this.tell = tell;
    this.place = place;
  }

  async run(): Promise<ReleaseOutcome> {
    const begun = await this.place.home.current();
    const before = begun === null ? null : await this.resume(begun);
    if (before && before.state !== "finished") return before;
    const plan = await this.plan();
    if (plan.packages.length === 0 && plan.gitTags.length === 0) return before ?? { state: "nothing" };
    this.tell({ type: "planned", plan });
    this.requireTokens(plan);
    if (!(await this.request.approve(plan))) return { state: "not-approved" };
    const batch = await this.prepare(plan);
    await this.place.home.begin(plan.id);
    return both(before, await this.publish(batch));
  }

  /** The plan and the bytes of an interrupted release are taken as they were sealed. */
  private async resume(id: string): Promise<ReleaseResult> {
    const { home } = this.place;
    this.tell({ type: "note", text: `release ${id} was begun and has not ended: it is continued first` });
    return this.publish(await readSealedFolder(home.folderOf(id)));
  }

  private async plan(): Promise<ReleasePlan> {
    const { versioning, commit, npmrc, tags } = this.place;
    return planBatch({
      versioning,
      commit,
      registryOf: (name, config) => npmrc.publishTarget(name, config).url,
      registry: (url) => this.registry(url),
      gitTags: await tags.tags(),
      channel: this.request.channel,
    });
  }

  private async prepare(plan: ReleasePlan): Promise<SealedBatch> {
    const { versioning, npmrc, home } = this.place;
    const folder = home.folderOf(plan.id);
    if (plan.packages.some(({ state }) => state === "missing")) await this.requireClean();
    const batch =
      plan.packages.length === 0
        ? { plan, tarballs: [] }
        : await prepareBatch(plan, {
            request: this.request,
            versioning,
            npmrc,
            registry: (url) => this.registry(url),
            to: join(folder, "tarballs"),
            tell: this.tell,
          });
    return writeSealedFolder(folder, batch);
  }

  private async publish(batch: SealedBatch): Promise<ReleaseResult> {
    const { home, tags } = this.place;
    const { id, packages } = batch.plan;
    this.tell({ type: "phase", phase: "publish", count: packages.length });
    const result = await publishBatch(batch, {
      registry: (url) => this.registry(url),
      tags,
      journal: home.journalOf(id),
      signal: this.request.signal,
      onEvent: (event) => this.tell({ type: "release", event }),
    });
    if (result.state === "finished") await home.end(id);
    return result;
  }

  /** What is packed must be found again in git. An interrupted build of the same commit may have left files behind. */
  private async requireClean(): Promise<void> {
    const { versioning, commit, home } = this.place;
    const changes = await uncommittedChanges(versioning.root);
    const isBegun = (await home.cleanCommit()) === commit;
    const paths = isBegun ? changes.tracked : [...changes.tracked, ...changes.untracked];
    if (paths.length > 0) throw dirty(paths);
    await home.rememberClean(commit);
  }

  private requireTokens(plan: ReleasePlan): void {
    const urls = new Set(plan.packages.map(({ registry }) => registry));
    const without = [...urls].filter((url) => this.place.npmrc.target(url).auth === null);
    if (without.length === 0) return;
    throw new UserError("release/needs-token", `there are no credentials for ${without.join(", ")}`, {
      hint: "add a line such as //HOST/:_authToken=${NPM_TOKEN} to .npmrc, and set the variable",
    });
  }

  private registry(url: string): RegistryPort {
    const known = this.registries.get(url) ?? registryClient(this.place.npmrc.target(url));
    this.registries.set(url, known);
    return known;
  }
}

function both(before: ReleaseResult | null, now: ReleaseResult): ReleaseResult {
  return before ? { ...now, released: [...before.released, ...now.released] } : now;
}

const pathsNamedMax = 10;

function dirty(paths: readonly string[]): UserError {
  const named = paths.slice(0, pathsNamedMax).join(", ");
  const more = paths.length > pathsNamedMax ? ` and ${paths.length - pathsNamedMax} more` : "";
  return new UserError("release/dirty-tree", `the work tree has uncommitted changes: ${named}${more}`, {
    hint: "commit them, or undo them; what is published must be found again in git",
  });
}

function noCommit(): UserError {
  return new UserError("git/unknown-ref", "this repository has no commit yet", {
    hint: "commit what you have: a release is made from a commit",
  });
}
