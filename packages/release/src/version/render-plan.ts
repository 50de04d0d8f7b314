import type { PackageName, Problem, RelativePath } from "@slipway/kernel";
import {
  changelogEntry,
  changelogWith,
  editJson,
  editLockfile,
  editYaml,
  lockfiles,
  type Bump,
  type ChangelogDate,
  type Changeset,
  type ChangelogNotes,
  type ChangesetFate,
  type FileEdit,
  type VersionDecision,
  type VersionPlan,
} from "@slipway/plan";
import type { ChangelogFormatter, ChangelogGenerator, CommittedChangeset, RepositoryFiles } from "./ports.ts";

export interface ChangelogSources {
  readonly generator: ChangelogGenerator;
  readonly formatter: ChangelogFormatter;
  /** False: the repository wants no formatting at all. */
  readonly tidied: boolean;
  /** Null: entries have no date. */
  readonly date?: ChangelogDate | null;
}

export interface Rendering {
  readonly decision: VersionDecision;
  readonly changesets: readonly CommittedChangeset[];
  readonly generationBecause: string;
  readonly snapshot: boolean;
  /** Null: no changelogs. */
  readonly changelog: ChangelogSources | null;
  /** Directories of all packages by name: the lockfile's own entries follow. Null: it is left as it is. */
  readonly dirs: ReadonlyMap<PackageName, RelativePath> | null;
  readonly files: RepositoryFiles;
}

/** Completes a decision to the plan that is frozen and applied: every file that changes, with its text before and after. */
export async function renderPlan(rendering: Rendering): Promise<VersionPlan> {
  const { decision } = rendering;
  const lockfile = await lockfileEdits(rendering);
  const edits = [
    ...(await manifestEdits(rendering)),
    ...(await catalogEdits(rendering)),
    ...lockfile.edits,
    ...(await changelogEdits(rendering)),
    ...(await changesetEdits(rendering)),
    ...(await preStateEdit(rendering)),
  ];
  return {
    schema: 1,
    generation: decision.generation,
    generationBecause: rendering.generationBecause,
    snapshot: rendering.snapshot,
    bumps: decision.bumps,
    edits: edits.filter((edit) => edit.before !== edit.after),
    left: [...decision.left, ...lockfile.left],
  };
}

async function manifestEdits({ decision, files }: Rendering): Promise<FileEdit[]> {
  const edits: FileEdit[] = [];
  const inRoot = catalogsInRoot(decision);
  const root = { dir: "", changes: decision.manifests.find(({ dir }) => dir === "")?.changes ?? [] };
  const others = decision.manifests.filter(({ dir }) => dir !== "");
  for (const { dir, changes } of [...others, root]) {
    const path = inDir(dir, "package.json");
    const all = dir === "" ? [...changes, ...inRoot] : changes;
    const before = all.length === 0 ? null : await files.read(path);
    if (before !== null) edits.push({ path, before, after: editJson(before, all) });
  }
  return edits;
}

/** bun has its catalogs in the root's manifest, at its top or under `workspaces`. */
function catalogsInRoot({ catalogs }: VersionDecision) {
  return catalogs.flatMap(({ catalog, package: name, value }) => {
    const keys = catalog === "default" ? [["catalog"], ["catalogs", catalog]] : [["catalogs", catalog]];
    return keys.flatMap((path) => [
      { keys: [...path, name], value },
      { keys: ["workspaces", ...path, name], value },
    ]);
  });
}

async function catalogEdits({ decision, files }: Rendering): Promise<FileEdit[]> {
  const edits: FileEdit[] = [];
  const changes = decision.catalogs.flatMap(({ catalog, package: name, value }) => [
    { keys: ["catalogs", catalog, name], value },
    ...(catalog === "default" ? [{ keys: ["catalog", name], value }] : []),
  ]);
  for (const path of changes.length === 0 ? [] : ["pnpm-workspace.yaml", ".yarnrc.yml"]) {
    const before = await files.read(path);
    if (before !== null) edits.push({ path, before, after: await editYaml(before, changes) });
  }
  return edits;
}

async function lockfileEdits({
  decision,
  dirs,
  files,
}: Rendering): Promise<{ readonly edits: FileEdit[]; readonly left: Problem[] }> {
  const edits: FileEdit[] = [];
  const left: Problem[] = [];
  for (const path of dirs === null || decision.bumps.length === 0 ? [] : lockfiles) {
    const before = await files.read(path);
    if (before === null || dirs === null) continue;
    const { manifests, catalogs } = decision;
    const { text, unresolved } = editLockfile(path, before, { manifests, catalogs, dirs });
    edits.push({ path, before, after: text });
    if (unresolved.length > 0) {
      const message = `${path} takes from a registry what the workspace has: ${unresolved.join(", ")}`;
      const hint = "bring the lockfile up to date with the package manager's install";
      left.push({ code: "version/stale-lockfile", message, file: path, hint });
    }
  }
  return { edits, left };
}

async function changelogEdits(rendering: Rendering): Promise<FileEdit[]> {
  const { decision, changelog, files } = rendering;
  if (!changelog) return [];
  const byId = new Map(rendering.changesets.map((each) => [each.id, each]));
  const edits: FileEdit[] = [];
  // All asked at once: generators that look up commits gather what is asked together into one request.
  const entries = await Promise.all(
    decision.notes.map(async (notes) => {
      const path = inDir(notes.dir, "CHANGELOG.md");
      const raw = await entryOf(notes, byId, { ...rendering, changelog });
      const entry = changelog.formatter ? (await changelog.formatter(path, raw)).trim() : raw;
      return { notes, path, entry };
    }),
  );
  for (const { notes, path, entry } of entries) {
    const before = await files.read(path);
    const file = { packageName: notes.package, before, tidied: changelog.tidied };
    edits.push({ path, before, after: changelogWith(entry, file, decision.generation) });
  }
  return edits;
}

async function entryOf(
  notes: ChangelogNotes,
  byId: ReadonlyMap<string, CommittedChangeset>,
  { decision, changelog }: Rendering & { readonly changelog: ChangelogSources },
): Promise<string> {
  const { generator, formatter, tidied, date = null } = changelog;
  const told = async (type: Bump): Promise<string[]> => {
    const own = notes.changesets.filter((each) => each.type === type).flatMap(({ id }) => byId.get(id) ?? []);
    return Promise.all(own.map((changeset) => generator.releaseLine(changeset, type)));
  };
  const bringing = notes.dependencyChangesets.flatMap((id) => byId.get(id) ?? []);
  const line = generator.dependencyLine(bringing, notes.dependencies);
  // A generator that fails at all of them is blamed for the first of the release's own lines.
  void line.catch(() => undefined);
  const [major, minor, patch] = await Promise.all([told("major"), told("minor"), told("patch")]);
  const dependencies = await line;
  const lines = { version: notes.version, date, major, minor, patch: [...patch, dependencies] };
  return changelogEntry(lines, decision.generation, tidied && formatter === null);
}

async function changesetEdits({ decision, files, changesets }: Rendering): Promise<FileEdit[]> {
  const edits: FileEdit[] = [];
  for (const fate of decision.changesets) {
    const path = `.changeset/${fate.id}.md`;
    const before = await files.read(path);
    if (before === null) continue;
    edits.push({ path, before, after: textAfter(fate, changesets) });
    if (fate.fate === "set-aside") edits.push(await setAside(fate.id, before, files));
  }
  return edits;
}

async function setAside(id: string, text: string, files: RepositoryFiles): Promise<FileEdit> {
  const path = `.changeset/pre/${id}.md`;
  return { path, before: await files.read(path), after: text };
}

function textAfter(fate: ChangesetFate, changesets: readonly CommittedChangeset[]): string | null {
  if (fate.fate !== "keep-rest") return null;
  const summary = changesets.find((each) => each.id === fate.id)?.summary ?? "";
  return changesetText({ releases: fate.rest ?? [], summary });
}

async function preStateEdit({ decision, files }: Rendering): Promise<FileEdit[]> {
  const path = ".changeset/pre.json";
  const before = await files.read(path);
  const after = decision.preState === null ? null : `${JSON.stringify(decision.preState, null, 2)}\n`;
  const same = before !== null && after !== null && sameJson(before, after);
  return same ? [] : [{ path, before, after }];
}

function sameJson(a: string, b: string): boolean {
  try {
    return JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b));
  } catch {
    return false;
  }
}

/** A changeset's file as Changesets writes it. */
export function changesetText(changeset: Pick<Changeset, "releases" | "summary">): string {
  const lines = changeset.releases.map(({ name, type }) => `"${name}": ${type}\n`);
  return `---\n${lines.join("")}---\n\n${changeset.summary}\n`;
}

function inDir(dir: RelativePath, file: string): RelativePath {
  return dir === "" ? file : `${dir}/${file}`;
}
