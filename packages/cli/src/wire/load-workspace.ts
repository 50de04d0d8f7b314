import { nxGraph, readPackageTexts, readTexts, type TextsOnDisk } from "@slipway/host";
import { UserError, type Checked, type Problem } from "@slipway/kernel";
import {
  nxGraphNeed,
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
  /** What nx was asked about, where its plugins decide what the tasks are; null where the files say it all. */
  readonly askedNx: AskedNx | null;
}

export interface AskedNx {
  /** True: every source file can change its answer. */
  readonly imports: boolean;
  /** Of the files, when it was asked; null when there was no answer, or none to rely on. */
  readonly state: string | null;
}

export interface LoadOptions extends ReadOptions {
  /**
   * How to ask the repository's own nx for what its plugins infer. Without it nothing of the repository is executed, and
   * such targets are missing.
   */
  readonly askNx?: {
    readonly cacheDir: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    say(line: string): void;
  };
}

/**
 * Finds the workspace that a directory belongs to and reads it.
 *
 * @throws UserError `workspace/not-found`; one error with all problems when files are malformed
 */
export function loadWorkspace(cwd: string, options: LoadOptions = {}): LoadedWorkspace {
  const found = findRoot(cwd);
  if (!found) {
    throw new UserError("workspace/not-found", `no package.json in ${cwd} or in any directory above it`, {
      hint: "run slipway inside a repository with a package.json, or pass --cwd",
    });
  }
  const { root, texts, patterns } = found;
  const ofPackages = readPackageTexts(root, patterns, packageFiles);
  const files = new Map([...texts.files, ...ofPackages.files]);
  const unreadable = unreadableProblems([texts, ofPackages]);
  const graph = nxGraphOf(root, files, options);
  const read = readWorkspace({ files, ...(graph.text === null ? {} : { nxGraph: graph.text }) }, options);
  const problems = [...unreadable, ...(read.ok ? [] : read.problems)];
  if (!read.ok || problems.length > 0) throw UserError.of(problems);
  if (graph.missing !== null) {
    options.askNx?.say(`warning: ${graph.missing}; targets that its plugins infer are missing`);
  }
  return {
    root,
    workspace: read.value,
    currentPackage: packageAt(read.value, root, cwd),
    files: [...files.keys()],
    askedNx: graph.asked,
  };
}

interface GraphOfNx {
  /** Null when nx rules nothing here, need not be asked, or cannot be. */
  readonly text: string | null;
  /** Why it could not be asked. */
  readonly missing: string | null;
  readonly asked: AskedNx | null;
}

function nxGraphOf(root: string, files: ReadonlyMap<string, string>, options: LoadOptions): GraphOfNx {
  const none = { text: null, missing: null, asked: null };
  const { askNx, tasksFrom, packagesOnly } = options;
  if (!askNx || packagesOnly || !files.has("nx.json")) return none;
  if (tasksFrom ? tasksFrom !== "nx" : files.has("turbo.json") || files.has("turbo.jsonc")) return none;
  const need = nxGraphNeed({ files });
  if (need === "none") return none;
  const onAsk = (): void =>
    askNx.say("asking nx for the targets that its plugins infer (once for this state of its files)");
  const imports = need === "imports";
  const answer = nxGraph({ root, ...askNx, imports, onAsk });
  if (answer.text === null) return { text: null, missing: answer.because, asked: { imports, state: null } };
  return { text: answer.text, missing: null, asked: { imports, state: answer.state } };
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
