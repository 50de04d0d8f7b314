import { existsSync, realpathSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { loadWorkspace } from "../../../packages/cli/src/wire/load-workspace.ts";
import { runPeer } from "../../../packages/cli/test/peers/peers.ts";
import { DiskTree } from "../../../packages/host/src/index.ts";
import { planRun, type PlannedTask } from "../../../packages/plan/src/index.ts";
import type { Workspace } from "../../../packages/workspace/src/index.ts";
import { frameworkEnv } from "../../../packages/workspace/src/tasks/turbo/frameworks.ts";
import type { Facts, Planned } from "./facts.ts";

interface DryTask {
  readonly taskId: string;
  readonly command: string;
  readonly directory: string;
  readonly dependencies: readonly string[];
  readonly with: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly framework: string;
  readonly resolvedTaskDefinition: {
    readonly cache: boolean;
    readonly persistent: boolean;
    readonly outputs: readonly string[];
    readonly env: readonly string[];
    readonly passThroughEnv: readonly string[] | null;
  };
}

interface DryRun {
  readonly globalCacheInputs: { readonly files: Readonly<Record<string, string>> };
  readonly tasks: readonly DryTask[];
}

/** What counts for all tasks stands among the tasks under this name. */
const everywhere = "(all tasks)";

export async function turboSides(
  root: string,
  tasks: readonly string[],
): Promise<{ readonly ours: Planned; readonly theirs: Planned }> {
  const { workspace } = loadWorkspace(root);
  return {
    ours: await ourTasks({ root, workspace, tasks }),
    theirs: await turboTasks({ root, workspace, tasks }),
  };
}

interface Question {
  readonly root: string;
  readonly workspace: Workspace;
  readonly tasks: readonly string[];
}

async function ourTasks({ root, workspace, tasks }: Question): Promise<Planned> {
  const request = { tasks, packages: null, configuration: null, args: [], only: false };
  const planned = planRun(workspace, request);
  if (!planned.ok) return { fails: planned.problems.map(({ message }) => message).join("; ") };
  const tree = await DiskTree.open(root, { PATH: process.env["PATH"] }, { outputs: [], tasks: [] });
  const { files } = workspace.tasks.global;
  const include = files.filter((glob) => !glob.startsWith("!"));
  const exclude = files.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const global = tree.inputs([{ include, exclude, ignored: "include" }], new Set());
  const counted = Object.keys(global.marks).filter((path) => !isBunPart(path, workspace));
  const facts = planned.value.tasks.map((one) => [one.id, ourFacts(root, tree, one)] as const);
  return new Map([[everywhere, { inputs: realPaths(root, counted) }], ...facts]);
}

/** What turbo counts in its digest of the lockfile and not among files: the patches that bun.lock names, and bun.lockb. */
function isBunPart(path: string, { lockfile }: Workspace): boolean {
  return lockfile?.format === "bun" && (path === lockfile.path || path.endsWith(".patch"));
}

function ourFacts(root: string, tree: DiskTree, one: PlannedTask): Facts {
  return {
    command: one.command,
    needs: one.needs.toSorted(),
    with: one.with.toSorted(),
    inputs: realPaths(root, Object.keys(tree.inputs(one.inputSpec.files, new Set()).marks)),
    cache: one.cache,
    persistent: one.persistent,
    env: one.env.toSorted(),
    passThroughEnv: one.passThroughEnv.toSorted(),
    outputs: one.outputs.toSorted(),
  };
}

async function turboTasks({ root, workspace, tasks }: Question): Promise<Planned> {
  const { declaredIn } = workspace.tasks;
  const file = declaredIn?.[0] === undefined ? [] : ["--root-turbo-json", declaredIn[0]];
  const { stdout, stderr } = await runPeer("turbo", ["run", ...tasks, "--dry=json", ...file], root);
  if (!stdout.startsWith("{")) return { fails: stderr.trim() };
  const rootName = workspace.packages.find(({ dir }) => dir === "")?.name ?? "//";
  const rooted = (id: string): string => id.replace(/^\/\/#/, `${rootName}#`);
  const dry = JSON.parse(stdout) as DryRun;
  const byDir = new Map(workspace.packages.map(({ dir, manifest }) => [dir || ".", frameworkEnv(manifest)]));
  const facts = dry.tasks.map((one) => {
    const inferred = one.framework === "" ? [] : (byDir.get(one.directory || ".") ?? []);
    return [rooted(one.taskId), turboFacts(root, one, { rooted, inferred })] as const;
  });
  // The first is `git-attributes` in docs/compatibility.md, the second stands in for a lockfile that only bun can read.
  const not = [".gitattributes", ...(workspace.lockfile?.path === "bun.lockb" ? ["package.json"] : [])];
  const counted = Object.keys(dry.globalCacheInputs.files).filter((path) => !not.includes(path));
  const global = { inputs: realPaths(root, counted) };
  return new Map<string, Facts>([[everywhere, global], ...facts]);
}

interface Words {
  readonly rooted: (id: string) => string;
  /** Patterns of the framework that turbo sees in the package. */
  readonly inferred: readonly string[];
}

function turboFacts(root: string, one: DryTask, { rooted, inferred }: Words): Facts {
  const { cache, persistent, env, passThroughEnv, outputs } = one.resolvedTaskDefinition;
  return {
    command: one.command === "<NONEXISTENT>" ? null : one.command,
    needs: [...new Set(one.dependencies.map(rooted))].toSorted(),
    with: one.with.map(rooted).toSorted(),
    inputs: realPaths(
      root,
      Object.keys(one.inputs).map((path) => posix.join(one.directory, path)),
    ),
    cache,
    persistent,
    env: [...new Set([...env, ...inferred])].toSorted(),
    passThroughEnv: (passThroughEnv ?? []).toSorted(),
    outputs: outputs.toSorted(),
  };
}

/** Either tool names a file behind a link in a way of its own; a link to nothing has no bytes. */
function realPaths(root: string, paths: readonly string[]): string[] {
  const real = paths
    .map((path) => join(root, path))
    .filter((path) => existsSync(path))
    .map((path) => relative(root, realpathSync(path)));
  return [...new Set(real)].toSorted();
}
