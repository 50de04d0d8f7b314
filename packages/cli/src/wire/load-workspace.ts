import { readPackageTexts, readTexts, type TextsOnDisk } from "@slipway/host";
import { UserError, type Checked, type Problem } from "@slipway/kernel";
import {
  packageFiles,
  readWorkspace,
  rootFiles,
  workspacePatterns,
  type ReadOptions,
  type Workspace,
  type WorkspacePatterns,
} from "@slipway/workspace";
import { existsSync } from "node:fs";
import { dirname, relative, sep } from "node:path";

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
export function loadWorkspace(cwd: string, options: ReadOptions = {}): LoadedWorkspace {
  return workspaceOf(readFilesAround(cwd, options), { cwd, options });
}

/** The files that a workspace is read from. */
export interface WorkspaceFiles {
  /** Absolute. */
  readonly root: string;
  /** Texts by path, relative to the root. */
  readonly files: ReadonlyMap<string, string>;
  readonly unreadable: readonly Problem[];
}

/** @throws UserError `workspace/not-found` */
export function readFilesAround(
  cwd: string,
  { packagesOnly = false }: Pick<ReadOptions, "packagesOnly"> = {},
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
  const files = new Map([...texts.files, ...ofPackages.files]);
  return { root, files, unreadable: unreadableProblems([texts, ofPackages]) };
}

export interface Reading {
  readonly cwd: string;
  readonly options: ReadOptions;
  /** What `nx graph --file` says, where its plugins decide what the tasks are. */
  readonly nxGraph?: string | null;
}

/** @throws UserError with all problems when files are malformed */
export function workspaceOf(
  { root, files, unreadable }: WorkspaceFiles,
  { cwd, options, nxGraph }: Reading,
): LoadedWorkspace {
  const read = readWorkspace({ files, ...(typeof nxGraph === "string" ? { nxGraph } : {}) }, options);
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
 * a manifest. The search ends at the git repository's root: what lies above is another project.
 */
function findRoot(cwd: string): FoundRoot | null {
  let single: FoundRoot | null = null;
  for (let dir = cwd; ; dir = dirname(dir)) {
    const texts = readTexts(dir, rootFiles);
    if (texts.files.size > 0) {
      const patterns = checked(workspacePatterns({ files: texts.files }));
      const found = { root: dir, texts, patterns };
      if (patterns.declared || texts.files.has("nx.json")) return found;
      if (texts.files.has("package.json")) single ??= found;
    }
    if (existsSync(`${dir}/.git`) || dirname(dir) === dir) return single;
  }
}

function checked<T>(result: Checked<T>): T {
  if (!result.ok) throw UserError.of(result.problems);
  return result.value;
}

function unreadableProblems(reads: readonly TextsOnDisk[]): Problem[] {
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
