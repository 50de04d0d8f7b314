import { isRecord, type Checked } from "@slipway/kernel";
import { readLockfile } from "./lockfile/read-lockfile.ts";
import { linksRanges } from "./manager/links-ranges.ts";
import { packageManagerOf } from "./manager/package-manager.ts";
import { readCatalogs } from "./packages/catalogs.ts";
import { readEdges, type EdgeContext } from "./packages/read-edges.ts";
import { readPackages, type ReadPackage } from "./packages/read-packages.ts";
import { noFindings, type Findings } from "./parse/findings.ts";
import { parseYaml } from "./parse/yaml-document.ts";
import { readTasks, type ReadTasks } from "./tasks/read-tasks.ts";
import type { ReadOptions, WorkspaceTexts } from "./texts.ts";
import type { LockfileView, TaskConfiguration, Workspace, WorkspacePackage } from "./types.ts";

/** Reads the whole monorepo: a true picture of it, or all that is wrong in its files. */
export function readWorkspace(texts: WorkspaceTexts, options: ReadOptions = {}): Checked<Workspace> {
  const findings = noFindings();
  const settings = yamlSettings(texts, "pnpm-workspace.yaml", findings);
  const yarn = yamlSettings(texts, ".yarnrc.yml", findings);
  const read = readPackages(texts, findings);
  const root = read.find((each) => each.dir === "")?.manifest ?? {};
  const manager = packageManagerOf(texts, root);
  const context: EdgeContext = {
    byName: new Map(read.map((each) => [each.name, each])),
    byDir: new Map(read.map((each) => [each.dir, each])),
    catalogs: readCatalogs(settings, yarn, root["workspaces"], root),
    overrides: localOverrides(root, settings),
    linksRanges: linksRanges(manager, texts, settings),
  };
  const packages = read.map((each) => workspacePackage(each, context, findings));
  const found = options.packagesOnly
    ? { tasks: noTasks, packages }
    : readTasks({ texts, read, packages, settings, options }, findings);
  const lockfile = options.packagesOnly
    ? null
    : readLockfile(texts, { manager, packages: found?.packages ?? packages }, findings);
  const { problems, warnings } = findings;
  if (problems.length > 0 || !found) return { ok: false, problems, warnings };
  const catalogs = Object.fromEntries(
    [...context.catalogs].map(([name, entries]) => [name, Object.fromEntries(entries)]),
  );
  const tasks = withBunFiles(withRootDependencies(found, lockfile), lockfile, root);
  const value = { manager, packages: found.packages, tasks, lockfile, catalogs, warnings };
  return { ok: true, value, warnings };
}

const noTasks: TaskConfiguration = {
  source: "scripts",
  because: "only packages were read",
  others: [],
  follows: [],
  rules: [],
  envMode: "loose",
  global: { files: [], env: [], passThroughEnv: [], values: {}, selectors: [] },
};

/** What the root depends on lies above every package, where its tools are found: it counts for every task. */
function withRootDependencies(
  { tasks, packages }: ReadTasks,
  lockfile: LockfileView | null,
): TaskConfiguration {
  const root = packages.find((each) => each.dir === "");
  const closure = root && lockfile?.closures[root.name];
  if (closure === undefined || packages.length === 1) return tasks;
  const { global } = tasks;
  return { ...tasks, global: { ...global, values: { ...global.values, rootDependencies: closure } } };
}

/**
 * bun.lock names the patches of dependencies without what is in them, where other lockfiles hold their digests; the
 * binary bun.lockb is not read at all. So the files themselves count.
 */
function withBunFiles(
  tasks: TaskConfiguration,
  lockfile: LockfileView | null,
  root: Readonly<Record<string, unknown>>,
): TaskConfiguration {
  if (lockfile?.format !== "bun") return tasks;
  const patches = isRecord(root["patchedDependencies"]) ? Object.values(root["patchedDependencies"]) : [];
  const files = patches.flatMap((path) => (typeof path === "string" ? [path.replace(/^\.\//, "")] : []));
  if (lockfile.path === "bun.lockb") files.push(lockfile.path);
  const { global } = tasks;
  return files.length === 0 ? tasks : { ...tasks, global: { ...global, files: [...global.files, ...files] } };
}

function workspacePackage(read: ReadPackage, context: EdgeContext, findings: Findings): WorkspacePackage {
  const { name, dir, manifest } = read;
  const scripts = isRecord(manifest["scripts"]) ? manifest["scripts"] : {};
  const texts = Object.entries(scripts).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return {
    name,
    dir,
    version: typeof manifest["version"] === "string" ? manifest["version"] : null,
    private: manifest["private"] === true,
    scripts: Object.fromEntries(texts),
    manifest,
    edges: readEdges(read, context, findings),
    tags: [],
    aliases: [],
  };
}

function yamlSettings(
  texts: WorkspaceTexts,
  file: string,
  findings: Findings,
): Readonly<Record<string, unknown>> {
  const text = texts.files.get(file);
  if (text === undefined) return {};
  const parsed = parseYaml({ file, text, code: "config/malformed" }, findings);
  return parsed && isRecord(parsed.value) ? parsed.value : {};
}

/** Overrides that point a plain name into the workspace; all others only choose a version from the registry. */
function localOverrides(
  root: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, string> {
  const pnpm = isRecord(root["pnpm"]) ? root["pnpm"]["overrides"] : undefined;
  const sources = [root["overrides"], root["resolutions"], pnpm, settings["overrides"]];
  const entries = sources.flatMap((source) => (isRecord(source) ? Object.entries(source) : []));
  return new Map(
    entries.filter((entry): entry is [string, string] => {
      return typeof entry[1] === "string" && /^(workspace|link):/.test(entry[1]);
    }),
  );
}
