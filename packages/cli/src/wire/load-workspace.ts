import { readPackageTexts, readTexts, type TextsOnDisk } from "@slipway/host";
import { UserError, type Checked, type Problem } from "@slipway/kernel";
import {
  nxPresetName,
  packageFiles,
  readWorkspace,
  rootFiles,
  turboFileInScripts,
  workspacePatterns,
  type ReadOptions,
  type Workspace,
  type WorkspacePatterns,
} from "@slipway/workspace";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, relative, resolve, sep } from "node:path";
import { namesThatCount, type LookedDirectory } from "./looked-directory.ts";

export interface LoadedWorkspace {
  /** Absolute. */
  readonly root: string;
  readonly workspace: Workspace;
  /** The package whose directory the caller stands in; null at the root and outside of every package. */
  readonly currentPackage: string | null;
  /** Files that were read, relative to the root. */
  readonly files: readonly string[];
}

/**
 * Finds the workspace that a directory belongs to and reads it. Nothing of the repository is executed: targets that
 * plugins of nx infer are missing.
 *
 * @throws UserError `workspace/not-found`; one error with all problems when files are malformed
 */
export function loadWorkspace(cwd: string, options: LoadOptions = {}): LoadedWorkspace {
  return workspaceOf(readFilesAround(cwd, options), { cwd, options });
}

export interface LoadOptions extends ReadOptions {
  /** Where turbo's file of the root is, as typed: from the directory of the caller, or from the root. */
  readonly rootTurboJson?: string;
}

/** The files that a workspace is read from. */
export interface WorkspaceFiles {
  /** Absolute. */
  readonly root: string;
  /** Texts by path, relative to the root. */
  readonly files: ReadonlyMap<string, string>;
  readonly rootTurboJson?: string;
  readonly nxPreset?: string;
  readonly unreadable: readonly Problem[];
  /** All that was looked into; null where more decides what the workspace is than files in their usual places. */
  readonly looked: readonly LookedDirectory[] | null;
}

/** @throws UserError `workspace/not-found` */
export function readFilesAround(
  cwd: string,
  { packagesOnly = false, rootTurboJson }: Omit<LoadOptions, "tasksFrom"> = {},
): WorkspaceFiles {
  const found = findRoot(cwd);
  if (!found) {
    throw new UserError("workspace/not-found", `no package.json in ${cwd} or in any directory above it`, {
      hint: "run slipway inside a repository with a package.json, or pass --cwd",
    });
  }
  const { root, texts, patterns } = found;
  const manifestsAlone = packagesOnly && !patterns.projectFiles;
  const ofPackages = readPackageTexts(root, patterns, manifestsAlone ? ["package.json"] : packageFiles);
  const around = { root, cwd, files: texts.files };
  const turbo = packagesOnly ? null : turboFileElsewhere(around, rootTurboJson);
  const preset = packagesOnly ? null : nxPresetFile(around);
  const more = [turbo, preset].filter((each) => each !== null);
  return {
    root,
    files: new Map([texts, ofPackages, ...more].flatMap((each) => [...each.files])),
    ...(turbo ? { rootTurboJson: turbo.path } : {}),
    ...(preset ? { nxPreset: preset.path } : {}),
    unreadable: unreadableProblems([texts, ofPackages, ...more]),
    looked: isPlain(found, cwd) && !manifestsAlone ? lookedInto([texts, ofPackages]) : null,
  };
}

/** Nothing above, beside or below is asked but directories and files in their usual places. */
function isPlain({ root, texts, patterns }: FoundRoot, cwd: string): boolean {
  const { files } = texts;
  const elsewhere = turboFileInScripts({ files }) !== null || nxPresetName({ files }) !== null;
  return root === cwd && (patterns.declared || files.has("nx.json")) && !elsewhere;
}

function lookedInto(reads: readonly TextsOnDisk[]): LookedDirectory[] {
  const listed = new Map(reads.flatMap((read) => [...read.listed]));
  return [...listed].map(([dir, entries]) => {
    const expanded = reads.some((read) => read.expanded.has(dir));
    return { dir, expanded, names: namesThatCount(entries, expanded) };
  });
}

interface Around {
  readonly root: string;
  readonly cwd: string;
  readonly files: TextsOnDisk["files"];
}

type OneText = Pick<TextsOnDisk, "files" | "unreadable"> & { readonly path: string };

/**
 * turbo's file of the root where it is not in its usual place: as asked for, else as the root's scripts ask turbo for it.
 *
 * @throws UserError `workspace/not-found` when what was asked for is not there
 */
function turboFileElsewhere({ root, cwd, files }: Around, asked: string | undefined): OneText | null {
  const named = asked ?? turboFileInScripts({ files });
  if (named === null) return null;
  const found = [cwd, root].map((dir) => resolve(dir, named)).find((file) => existsSync(file));
  if (found === undefined) {
    if (asked === undefined) return null;
    throw new UserError(
      "workspace/not-found",
      `there is no file ${asked}, which is to be the root's turbo.json`,
      {
        hint: "--root-turbo-json and TURBO_ROOT_TURBO_JSON name it from the current directory, or from the root",
      },
    );
  }
  return textAt(root, found);
}

/** The file that nx.json extends, found as nx finds it: a path of the repository, or of an installed package. */
function nxPresetFile({ root, files }: Around): OneText | null {
  const named = nxPresetName({ files });
  if (named === null) return null;
  for (const from of [`${root}/.nx/installation/`, `${root}/`]) {
    try {
      return textAt(root, createRequire(`${from}nx.json`).resolve(named));
    } catch {
      // Not there: the reader says so.
    }
  }
  return null;
}

function textAt(root: string, file: string): OneText {
  const path = relative(root, file).split(sep).join("/");
  return { path, ...readTexts(root, [path]) };
}

export interface Reading {
  readonly cwd: string;
  readonly options: ReadOptions;
  /** What `nx graph --file` says, where its plugins decide what the tasks are. */
  readonly nxGraph?: string | null;
}

/** @throws UserError with all problems when files are malformed */
export function workspaceOf(
  { root, files, rootTurboJson, nxPreset, unreadable }: WorkspaceFiles,
  { cwd, options, nxGraph }: Reading,
): LoadedWorkspace {
  const texts = {
    files,
    ...(typeof nxGraph === "string" ? { nxGraph } : {}),
    ...(rootTurboJson === undefined ? {} : { rootTurboJson }),
    ...(nxPreset === undefined ? {} : { nxPreset }),
  };
  const read = readWorkspace(texts, options);
  const problems = [...unreadable, ...(read.ok ? [] : read.problems)];
  if (!read.ok || problems.length > 0) throw UserError.of(problems);
  return {
    root,
    workspace: read.value,
    currentPackage: packageAt(read.value, root, cwd),
    files: [...files.keys()],
  };
}

interface FoundRoot {
  readonly root: string;
  readonly texts: TextsOnDisk;
  readonly patterns: WorkspacePatterns;
}

/**
 * The nearest directory upwards that declares a workspace, or is one by its turbo.json or nx.json; else the nearest with
 * a manifest. Where a manifest's `workspaces` declare it, a workspace further up that lists this directory goes before, as
 * package managers have it. The search ends at the git repository's root: what lies above is another project.
 */
function findRoot(cwd: string): FoundRoot | null {
  let single: FoundRoot | null = null;
  let inner: FoundRoot | null = null;
  for (let dir = cwd; ; dir = dirname(dir)) {
    const found = rootAt(dir, inner !== null);
    if (found && isDeclared(found)) {
      if (inner ? isListed(inner.root, found) : !mayBeListed(found)) return found;
      inner ??= found;
    } else if (found?.texts.files.has("package.json")) single ??= found;
    if (existsSync(`${dir}/.git`) || dirname(dir) === dir) return inner ?? single;
  }
}

/** `lenient`: what is wrong further up is not in the way of a root that is found already. */
function rootAt(dir: string, lenient: boolean): FoundRoot | null {
  const texts = readTexts(dir, rootFiles);
  if (texts.files.size === 0) return null;
  const patterns = workspacePatterns({ files: texts.files });
  return lenient && !patterns.ok ? null : { root: dir, texts, patterns: checked(patterns) };
}

function isDeclared({ texts, patterns }: FoundRoot): boolean {
  return patterns.declared || texts.files.has("nx.json");
}

function mayBeListed({ texts: { files } }: FoundRoot): boolean {
  return !["pnpm-workspace.yaml", "nx.json", "lerna.json"].some((name) => files.has(name));
}

function isListed(dir: string, { root, patterns }: FoundRoot): boolean {
  const manifest = `${relative(root, dir).split(sep).join("/")}/package.json`;
  return readPackageTexts(root, patterns, ["package.json"]).files.has(manifest);
}

function checked<T>(result: Checked<T>): T {
  if (!result.ok) throw UserError.of(result.problems);
  return result.value;
}

function unreadableProblems(reads: readonly Pick<TextsOnDisk, "unreadable">[]): Problem[] {
  return reads
    .flatMap((read) => read.unreadable)
    .map(({ path, code }) => {
      return { code: "workspace/unreadable", message: `${path} cannot be read (${code})`, file: path };
    });
}

function packageAt(workspace: Workspace, root: string, cwd: string): string | null {
  const dir = relative(root, cwd).split(sep).join("/");
  const holders = workspace.packages.filter(
    (each) => each.dir !== "" && `${dir}/`.startsWith(`${each.dir}/`),
  );
  const nearest = holders.toSorted((a, b) => b.dir.length - a.dir.length)[0];
  return nearest?.name ?? null;
}
