import { readText, textFiles } from "@slipway/host";
import { didYouMean, isRecord, UserError, type Checked, type Problem } from "@slipway/kernel";
import {
  defaultSettings,
  detectGeneration,
  preStatePath,
  readChangeset,
  readPreState,
  readSettings,
  readSlipwaySettings,
  settingsPath,
  slipwaySettingsPath,
  unknownPackages,
  type Changeset,
  type Generation,
  type OwnRules,
  type OwnVersionSettings,
  type PreState,
  type VersionedPackage,
  type VersionInput,
  type VersionSettings,
} from "@slipway/plan";
import { declaredInManifest, type Workspace } from "@slipway/workspace";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadWorkspace, type LoadedWorkspace } from "./load-workspace.ts";
import { isReleasedRoot } from "./released-root.ts";

export interface VersioningChoices {
  readonly generation?: Generation;
  /** Instead of the `ignore` of the configuration. */
  readonly ignore?: readonly string[];
  readonly prereleaseTemplate?: string;
  /** The only packages to give versions to. */
  readonly only?: readonly string[];
  /** The workspace, where it is read already. */
  readonly workspace?: LoadedWorkspace;
  /** False: `catalog:` entries and `npm:` aliases are no edges, as in Changesets. */
  readonly catalogEdges?: boolean;
}

/** All that versions are planned from, as it stands in a work tree. */
export interface LoadedVersioning {
  /** Absolute. */
  readonly root: string;
  readonly workspace: Workspace;
  readonly input: VersionInput;
  /** `changesets` of slipway.json. */
  readonly ownSettings: OwnVersionSettings;
  readonly generationBecause: string;
  readonly warnings: readonly Problem[];
}

/**
 * Reads the workspace and `.changeset`.
 *
 * @throws UserError with all that is wrong in configuration, state and changesets at once
 */
export async function loadVersioning(
  dir: string,
  choices: VersioningChoices = {},
): Promise<LoadedVersioning> {
  const { root, workspace } = choices.workspace ?? (await workspaceForVersions(dir));
  const [configText, preText, slipwayText, paths, oldFolders] = await Promise.all([
    readText(join(root, settingsPath)),
    readText(join(root, preStatePath)),
    readText(join(root, slipwaySettingsPath)),
    changesetPaths(root),
    foldersOfVersion1(root),
  ]);
  const pre: Checked<PreState | null> =
    preText === null ? { ok: true, value: null, warnings: [] } : readPreState(preText);
  const own = readSlipwaySettings(slipwayText);
  const ownSettings = (own.ok ? own.value.changesets : undefined) ?? {};
  const { generation, because } = detectGeneration({
    chosen: choices.generation ?? ownSettings.generation ?? null,
    cliRange: ownCliRange(workspace),
    configText,
    preState: pre.ok ? pre.value : null,
  });
  const { packages, rootPackage } = versionedPackages(workspace, generation, (manifest) =>
    isReleasedRoot(root, manifest, configText !== null),
  );
  const names = packages.map((each) => each.name);
  const settings: Checked<VersionSettings> =
    configText === null
      ? { ok: true, value: defaultSettings(generation), warnings: [] }
      : readSettings(configText, names, generation);
  const { changesets, problems } = await readChangesets(root, paths);
  if (!own.ok || !pre.ok || !settings.ok || problems.length > 0) {
    const others = [own, pre, settings].flatMap((each) => (each.ok ? [] : each.problems));
    throw UserError.of([...others, ...problems, ...unknownPackages({ changesets, packages })]);
  }
  const input: VersionInput = {
    generation,
    settings: chosenSettings(settings.value, choices, names),
    changesets,
    preState: pre.value,
    packages,
    root: packages.includes(rootPackage) ? null : rootPackage,
    snapshot: null,
    catalogs: (choices.catalogEdges ?? ownSettings.catalogEdges) === false ? null : workspace.catalogs,
    aliases: (choices.catalogEdges ?? ownSettings.aliasEdges) !== false,
    rules: ownRules(ownSettings, choices, names),
  };
  return {
    root,
    workspace,
    input,
    ownSettings,
    generationBecause: because,
    warnings: [...settings.warnings, ...oldFolders],
  };
}

/** Where manifests are malformed, what is wrong beside them is told in the same breath. */
export async function workspaceForVersions(dir: string): Promise<LoadedWorkspace> {
  try {
    return loadWorkspace(dir, { packagesOnly: true });
  } catch (error) {
    if (!(error instanceof UserError) || error.code === "workspace/not-found") throw error;
    const root = nearestWith(".changeset", dir);
    if (root === null) throw error;
    const [own, pre, settings] = await Promise.all([
      readText(join(root, slipwaySettingsPath)),
      readText(join(root, preStatePath)),
      readText(join(root, settingsPath)),
    ]);
    const others = [
      readSlipwaySettings(own),
      pre === null ? null : readPreState(pre),
      settings === null ? null : readSettings(settings, [], 3),
    ];
    const changesets = await readChangesets(root, await changesetPaths(root));
    const { code, message, hint, problems } = error;
    const manifests: readonly Problem[] =
      problems.length > 0 ? problems : [{ code, message, ...(hint ? { hint } : {}) }];
    const ofOthers = others.flatMap((each) => (each && !each.ok ? each.problems : []));
    throw UserError.of([...manifests, ...ofOthers, ...changesets.problems]);
  }
}

function nearestWith(name: string, dir: string): string | null {
  if (existsSync(join(dir, name))) return dir;
  return dirname(dir) === dir ? null : nearestWith(name, dirname(dir));
}

/** The root is versioned where it is all there is, or a published package itself. */
function versionedPackages(
  workspace: Workspace,
  generation: Generation,
  isReleased: (manifest: VersionedPackage["manifest"]) => boolean,
): {
  packages: readonly VersionedPackage[];
  rootPackage: VersionedPackage;
} {
  const all = workspace.packages.map(({ name, dir, manifest }): VersionedPackage => ({
    name,
    dir,
    manifest,
  }));
  const rootPackage = all.find((each) => each.dir === "") ?? { name: "//", dir: "", manifest: {} };
  const isDeclared = (generation === 2 && declaredInManifest(rootPackage.manifest)) || (() => true);
  const members = all.filter(({ dir }) => dir !== "" && isDeclared(dir));
  if (members.length > 0 && !isReleased(rootPackage.manifest)) return { packages: members, rootPackage };
  return { packages: [rootPackage, ...members], rootPackage };
}

function ownCliRange(workspace: Workspace): string | null {
  const root = workspace.packages.find((each) => each.dir === "")?.manifest ?? {};
  for (const field of ["devDependencies", "dependencies"]) {
    const value = root[field];
    const range = isRecord(value) ? value["@changesets/cli"] : undefined;
    if (typeof range !== "string") continue;
    if (range.startsWith("catalog:"))
      return workspace.catalogs[range.slice("catalog:".length) || "default"]?.["@changesets/cli"] ?? null;
    const local = workspace.packages.find((each) => each.name === "@changesets/cli");
    return range.startsWith("workspace:") ? (local?.version ?? null) : range;
  }
  return null;
}

function ownRules(
  { peers = {}, channels = {} }: OwnVersionSettings,
  { only }: VersioningChoices,
  names: readonly string[],
): OwnRules {
  refuseUnknown("--only", only ?? [], names);
  return { peers, channels, ...(only && only.length > 0 ? { only } : {}) };
}

function refuseUnknown(flag: string, given: readonly string[], names: readonly string[]): void {
  const unknown = given.filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  const [guess] = unknown.flatMap((name) => didYouMean(name, names) ?? []);
  throw new UserError(
    "package/unknown",
    `${flag} names no package of this workspace: ${unknown.join(", ")}`,
    guess === undefined ? {} : { hint: `did you mean "${guess}"?` },
  );
}

function chosenSettings(
  settings: VersionSettings,
  choices: VersioningChoices,
  names: readonly string[],
): VersionSettings {
  const { ignore, prereleaseTemplate } = choices;
  refuseUnknown("--ignore", ignore ?? [], names);
  if (ignore && ignore.length > 0 && settings.ignore.length > 0) {
    throw new UserError("cli/bad-argument", `--ignore can't be used beside "ignore" in ${settingsPath}`);
  }
  return {
    ...settings,
    ignore: ignore && ignore.length > 0 ? ignore : settings.ignore,
    snapshot: {
      ...settings.snapshot,
      prereleaseTemplate: prereleaseTemplate ?? settings.snapshot.prereleaseTemplate,
    },
  };
}

/** Changesets 1 wrote folders with a changes.json; neither later generation reads them. */
async function foldersOfVersion1(root: string): Promise<readonly Problem[]> {
  const entries = await readdir(join(root, ".changeset"), { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((each) => each.isDirectory()).map((each) => `.changeset/${each.name}`);
  const old = folders.filter((folder) => existsSync(join(root, folder, "changes.json")));
  return old.toSorted().map((file): Problem => {
    const message = "is a changeset of version 1, which is not read: its changes are in no plan";
    const hint = "write it anew with `slipway change`, and remove the folder";
    return { code: "changeset/malformed", message, file, hint };
  });
}

/** Root-relative paths of the changesets, in the order in which Changesets reads them. */
export async function changesetPaths(root: string): Promise<readonly string[]> {
  const pending = await markdownIn(join(root, ".changeset"));
  const setAside = await markdownIn(join(root, ".changeset/pre"));
  return [
    ...pending.map((name) => `.changeset/${name}`),
    ...setAside.map((name) => `.changeset/pre/${name}`),
  ];
}

const NO_CHANGESET = /^(?:readme\.md|AGENTS\.md|CLAUDE\.md|GEMINI\.md)$/;

async function markdownIn(folder: string): Promise<readonly string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
  return names
    .filter((name) => name.endsWith(".md") && !name.startsWith("."))
    .filter((name) => !NO_CHANGESET.test(/^readme\.md$/i.test(name) ? "readme.md" : name))
    .toSorted((a, b) => (a < b ? -1 : 1));
}

interface ReadChangesets {
  readonly changesets: readonly Changeset[];
  readonly problems: readonly Problem[];
}

async function readChangesets(root: string, paths: readonly string[]): Promise<ReadChangesets> {
  const files = textFiles(root);
  const read = await Promise.all(
    paths.map(async (path): Promise<Checked<Changeset>> => {
      try {
        return await readChangeset({ path, text: (await files.read(path)) ?? "" });
      } catch (error) {
        if (error instanceof UserError) return { ok: false, problems: error.problems, warnings: [] };
        throw error;
      }
    }),
  );
  return {
    changesets: read.flatMap((each) => (each.ok ? [each.value] : [])),
    problems: read.flatMap((each) => (each.ok ? [] : each.problems)),
  };
}
