import { findForge, openForge, type Forge, type ForgeTarget } from "@slipway/forge";
import { openJournalFile, originUrl } from "@slipway/host";
import { UserError, type PackageName } from "@slipway/kernel";
import {
  changelogSection,
  forgeReleaseNotes,
  planForgeReleases,
  type ForgeReleasePolicies,
  type ForgeReleaseSources,
  type PlannedForgeRelease,
} from "@slipway/plan";
import { openJournal, type ReleaseResult } from "@slipway/release";
import { posix } from "node:path";
import { loadWorkspace } from "../../wire/load-workspace.ts";
import type { ReleaseRequest, ReleaseStory } from "./request.ts";

export interface ForgeSetting {
  readonly ground: {
    /** Absolute. */
    readonly root: string;
    readonly settings: ForgeReleasePolicies;
    /** A file of the workspace as a commit has it; null when it is not there. */
    textAt(commit: string, path: string): Promise<string | null>;
  };
  readonly request: Pick<ReleaseRequest, "env" | "signal" | "forge">;
  readonly tell: (story: ReleaseStory) => void;
  /** Where it is written down; null: nowhere. */
  readonly journal: string | null;
}

export interface ForgeEnd {
  readonly failures: ReleaseResult["failures"];
  /** False: running the same command again may help. */
  readonly isOver: boolean;
}

type Note = (type: "intent" | "forge-release", payload: Readonly<Record<string, string>>) => Promise<void>;

const stopped = { message: "stopped before all of them were made", hint: undefined };

const allDone: ForgeEnd = { failures: [], isOver: true };

/**
 * Makes the releases on GitHub or GitLab that are missing for git tags that are there, one after the other. Those that
 * are there stay as they are, so it can be called again. Versions are public by now: without a token it only says so.
 */
export async function releaseOnForge(
  sources: () => Promise<ForgeReleaseSources>,
  setting: ForgeSetting,
): Promise<ForgeEnd> {
  const { ground, request, tell } = setting;
  if (ground.settings.forgeReleases === "none" || isLeftToAction(request.env)) return allDone;
  const target = withJobToken(findForge(request.env, await originUrl(ground.root, request.env)), request.env);
  if (target === null) return allDone;
  if (target.token === null) {
    tell({ type: "note", text: `no releases on ${target.apiUrl}: ${tokenNames[target.kind]} is not set` });
    return allDone;
  }
  const planned = planForgeReleases(await sources(), ground.settings);
  if (planned.length === 0) return allDone;
  const forge = openForge(target, request.forge);
  return journalled(setting.journal, (note) => createMissing(forge, planned, { ...setting, note }));
}

async function createMissing(
  forge: Forge,
  planned: readonly PlannedForgeRelease[],
  setting: ForgeSetting & { readonly note: Note },
): Promise<ForgeEnd> {
  const { request, tell, note } = setting;
  try {
    const there = await forge.newestReleases();
    const missing = planned.filter(({ tag }) => !there.has(tag));
    const notes = notesFrom(setting.ground, forge.releaseCharactersMax);
    for (const each of missing) {
      if (request.signal.aborted) return failed(forge, stopped, false);
      const { tag, commit, title, prerelease, latest } = each;
      await note("intent", { step: "forge-release", tag });
      const isNew = await forge.createRelease({
        tag,
        commit,
        title,
        body: await notes(each),
        prerelease,
        latest,
      });
      await note("forge-release", { tag, outcome: isNew ? "done" : "already-ours" });
      const marks = [...(prerelease ? ["prerelease"] : []), ...(latest ? ["latest"] : [])].join(", ");
      if (isNew)
        tell({ type: "note", text: `release on ${forge.title}: ${tag}${marks === "" ? "" : ` (${marks})`}` });
    }
    return allDone;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return failed(forge, error, error.code === "forge/refused");
  }
}

/** What a refused token may not do stays undone until somebody changes that: no later release waits for it. */
function failed(forge: Forge, error: Pick<UserError, "message" | "hint">, isRefused: boolean): ForgeEnd {
  const { message, hint } = error;
  const outcome = isRefused ? "permanent" : "retryable";
  const failure = { name: `releases on ${forge.title}`, outcome, message } as const;
  return { failures: [hint === undefined ? failure : { ...failure, hint }], isOver: isRefused };
}

/** A release tells what the changelog said at its own commit. */
function notesFrom(
  ground: ForgeSetting["ground"],
  charactersMax: number,
): (release: PlannedForgeRelease) => Promise<string> {
  let dirs: ReadonlyMap<PackageName, string> | null = null;
  const dirOf = (name: PackageName): string | undefined => {
    dirs ??= new Map(
      loadWorkspace(ground.root, { packagesOnly: true }).workspace.packages.map((each) => [
        each.name,
        each.dir,
      ]),
    );
    return dirs.get(name);
  };
  return async (release) => {
    const told: (string | null)[] = [];
    for (const { package: name, version, commit } of release.packages) {
      const dir = dirOf(name);
      const text = dir === undefined ? null : await ground.textAt(commit, posix.join(dir, "CHANGELOG.md"));
      told.push(text === null ? null : changelogSection(text, version));
    }
    return forgeReleaseNotes(release, told, charactersMax);
  };
}

async function journalled<T>(path: string | null, work: (note: Note) => Promise<T>): Promise<T> {
  if (path === null) return work(() => Promise.resolve());
  const file = await openJournalFile(path);
  try {
    const journal = await openJournal(file);
    return await work((type, payload) => journal.record(type, payload));
  } finally {
    await file.close();
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * As the `publish` of changesets/action, which makes the releases itself: its second version has a file for the tags,
 * its first one hands its own inputs down.
 */
function isLeftToAction(env: Environment): boolean {
  return Boolean(env["CHANGESETS_OUTPUT"]) || env["INPUT_CREATEGITHUBRELEASES"] !== undefined;
}

const tokenNames = { github: "GITHUB_TOKEN", gitlab: "GITLAB_TOKEN" } as const;

/** Whether there is a credential for any forge: without one there is nothing to look for. */
export function hasForgeToken(env: Environment): boolean {
  return ["GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN"].some((name) => Boolean(env[name]));
}

/** A job's own token may make releases, where it may open no merge request. */
function withJobToken(target: ForgeTarget | null, env: Environment): ForgeTarget | null {
  const token = env["CI_JOB_TOKEN"];
  if (target?.kind !== "gitlab" || target.token !== null || !token) return target;
  return { ...target, token, isJobToken: true };
}
