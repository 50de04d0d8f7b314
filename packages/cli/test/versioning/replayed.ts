import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  decisionFrom,
  planVersions,
  readSettings,
  withoutSkipped,
  type AssembledPlan,
  type Bump,
  type Changeset,
  type Generation,
  type PreState,
  type VersionDecision,
  type VersionInput,
} from "@slipway/plan";
import { builtInChangelog, renderPlan, type RepositoryFiles } from "@slipway/release";

/** One call in the tests of Changesets itself: what it got, and what came of it. */
interface RecordedCase {
  readonly title: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** What it said when it refused. */
  readonly refused?: string;
}

type Manifests = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
type Texts = Readonly<Record<string, string>>;

/** A call of `assembleReleasePlan`. */
export interface AssembleCase extends RecordedCase {
  readonly pre?: PreState;
  readonly snapshot?: { readonly tag?: string; readonly commit?: string };
  readonly changesets: readonly { readonly id: string; readonly releases: readonly [string, Bump][] }[];
  readonly packages: Manifests;
  readonly bumps?: Readonly<Record<string, readonly [Bump, string | null]>>;
}

/** A call of `applyReleasePlan`. */
export interface ApplyCase extends RecordedCase {
  readonly pre?: PreState;
  readonly snapshot?: string | boolean;
  readonly changesets: readonly Changeset[];
  readonly releases: AssembledPlan["releases"];
  readonly packages: Manifests;
  readonly before: Texts;
  readonly changed?: Readonly<Record<string, string | null>>;
}

/** A call of `changeset version`. */
export interface VersionCase extends RecordedCase {
  readonly options?: { readonly snapshot?: string | boolean; readonly ignore?: readonly string[] };
  readonly before: Texts;
  readonly changed?: Readonly<Record<string, string | null>>;
}

export function readCases(
  kind: "assemble" | "apply" | "version",
  generation: Generation,
): readonly RecordedCase[] {
  const text = readFileSync(join(import.meta.dirname, `cases/${kind}-${generation}.ndjson`), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordedCase);
}

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

export function replayAssemble(each: AssembleCase, generation: Generation): Promise<VersionDecision> {
  const { tag = null, commit = null } = each.snapshot ?? {};
  const changesets = each.changesets.map(({ id, releases }) => {
    return { id, summary: "", releases: releases.map(([name, type]) => ({ name, type })) };
  });
  const snapshot = each.snapshot ? { tag, commit, nowMs: NOW_MS } : null;
  return planVersions({ ...inputOf(each, generation), changesets, snapshot });
}

/** The files that change, as the recorded call reports them. */
export async function replayApply(
  each: ApplyCase,
  generation: Generation,
): Promise<Record<string, string | null>> {
  const snapshot = each.snapshot ? { tag: null, commit: null, nowMs: NOW_MS } : null;
  const input = { ...inputOf(each, generation), changesets: each.changesets, snapshot };
  const released = each.releases.filter(({ oldVersion, newVersion }) => oldVersion && newVersion);
  const assembled: AssembledPlan = {
    releases: released,
    followers: each.releases.filter((release) => !released.includes(release)).map(({ name }) => name),
    changesets: each.changesets.map(({ id }) => id),
    preState: each.pre ?? null,
  };
  const plan = await renderPlan({
    decision: decisionFrom(assembled, input, withoutSkipped(input)),
    changesets: input.changesets,
    generationBecause: "",
    snapshot: snapshot !== null,
    changelog:
      input.settings.changelog === false
        ? null
        : { generator: builtInChangelog, formatter: null, tidied: true },
    dirs: null,
    files: filesIn(each.before),
  });
  return Object.fromEntries(plan.edits.map((edit) => [edit.path, edit.after]));
}

function inputOf(each: AssembleCase | ApplyCase, generation: Generation): VersionInput {
  const packages = Object.entries(each.packages).map(([dir, manifest]) => {
    return { name: String(manifest["name"]), dir, manifest };
  });
  const names = packages.map(({ name }) => name);
  const settings = readSettings(JSON.stringify(each.config), names, generation);
  if (!settings.ok) throw new Error(settings.problems.map(({ message }) => message).join("; "));
  const root = { name: "//", dir: "", manifest: JSON.parse(rootText(each)) as Record<string, unknown> };
  const isMember = packages.some(({ dir }) => dir === "");
  return {
    generation,
    settings: settings.value,
    changesets: [],
    preState: each.pre ?? null,
    packages,
    root: isMember ? null : root,
    snapshot: null,
    catalogs: null,
  };
}

function rootText(each: AssembleCase | ApplyCase): string {
  return ("before" in each ? each.before["package.json"] : undefined) ?? "{}";
}

function filesIn(texts: Texts): RepositoryFiles {
  return {
    read: async (path) => texts[path] ?? null,
    replace: async () => undefined,
    remove: async () => undefined,
    settle: async () => undefined,
  };
}
