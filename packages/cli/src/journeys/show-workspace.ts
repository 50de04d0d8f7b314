import { DiskTree } from "@slipway/host";
import { UserError, type ExitStatus, type PackageName } from "@slipway/kernel";
import type { PlannedTask } from "@slipway/plan";
import type { Outside, Values } from "../command.ts";
import type { sourceFlags } from "../flags/selection.ts";
import { packageText, taskText, workspaceText, type ShownTask } from "../report/show.ts";
import { warningText } from "../report-error.ts";
import { loadForTasks } from "../wire/load-for-tasks.ts";
import type { LoadedWorkspace } from "../wire/load-workspace.ts";
import { requestRun, selectPackages, type RunFlags } from "./run-request.ts";

type ShowFlags = Values<typeof sourceFlags> & { readonly files: boolean; readonly json: boolean };

/** `slipway show`: the workspace, one package or one task, as resolved. */
export async function showWorkspace(
  what: string | undefined,
  flags: ShowFlags,
  outside: Outside,
): Promise<ExitStatus> {
  const loaded = await loadForTasks(outside, flags);
  const { workspace } = loaded;
  for (const warning of workspace.warnings) outside.say(warningText(warning));
  const { color } = outside.terminal;
  if (what === undefined) {
    const { manager, packages, tasks } = workspace;
    const { source, because, others } = tasks;
    const view = {
      schema: 1,
      manager,
      tasks: { source, because, others },
      packages: packages.map(({ name, dir }) => ({ name, dir, tasks: tasksOf(loaded, name) })),
    };
    outside.answer(flags.json ? json(view) : workspaceText(workspace, color));
  } else if (what.includes("#")) {
    const shown = await shownTask(what, loaded, { files: flags.files, outside });
    outside.answer(flags.json ? json(shown) : taskText(shown, color));
  } else {
    const name = await packageNamed(what, loaded, outside);
    const found = workspace.packages.find((each) => each.name === name);
    if (!found) throw new Error(`${name} was selected and is not in the workspace`);
    const rules = workspace.tasks.rules.filter((rule) => rule.package === name);
    const { manifest: _, ...rest } = found;
    outside.answer(
      flags.json
        ? json({ schema: 1, package: rest, tasks: tasksOf(loaded, name) })
        : packageText(found, rules, color),
    );
  }
  return 0;
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function tasksOf({ workspace }: LoadedWorkspace, name: PackageName): string[] {
  return workspace.tasks.rules
    .filter((rule) => rule.package === name && rule.action)
    .map(({ task }) => task)
    .toSorted();
}

async function packageNamed(
  what: string,
  loaded: LoadedWorkspace,
  { cwd, env }: Outside,
): Promise<PackageName> {
  const { value } = await selectPackages(
    { filters: [what], projects: [], exclude: [] },
    { ...loaded, cwd, env },
    null,
  );
  const [first, second] = value ?? [];
  if (first && !second) return first.name;
  throw new UserError("cli/bad-argument", `"${what}" is not one package`, {
    hint: "name one package, or PACKAGE#TASK",
  });
}

interface Asked {
  readonly files: boolean;
  readonly outside: Outside;
}

async function shownTask(
  what: string,
  loaded: LoadedWorkspace,
  { files, outside }: Asked,
): Promise<ShownTask> {
  const { root, workspace } = loaded;
  const { cwd, env } = outside;
  const { plan } = await requestRun({ ...nothingElse, tasks: [what] }, { root, workspace, cwd, env });
  const task = plan.tasks.find(({ because }) => because.some(({ kind }) => kind === "asked"));
  if (!task) throw new Error(`${what} was asked for and is not in its plan`);
  const rule = workspace.tasks.rules.find((each) => each.package === task.package && each.task === task.task);
  const { args: _args, because: _because, ...shown } = task;
  const shownFiles = files ? { files: await inputFiles(task, root, env) } : {};
  return { schema: 1, task: shown, sources: rule?.sources ?? {}, ...shownFiles };
}

const nothingElse: Omit<RunFlags, "tasks"> = {
  filters: [],
  projects: [],
  exclude: [],
  affected: false,
  base: null,
  head: null,
  strict: false,
  configuration: null,
  only: false,
  args: [],
};

async function inputFiles(task: PlannedTask, root: string, env: Outside["env"]): Promise<string[]> {
  const tree = await DiskTree.open(root, env, { outputs: [], tasks: [] });
  return Object.keys(tree.inputs(task.inputSpec.files, new Set()).marks).toSorted();
}
