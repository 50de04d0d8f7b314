import { UserError, type ExitStatus, type PackageName } from "@slipway/kernel";
import type { RunPlan } from "@slipway/plan";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Outside, Values } from "../command.ts";
import { names, type changeFlags, type selectionFlags, type sourceFlags } from "../flags/selection.ts";
import { graphDot, graphOf, graphText } from "../report/graph.ts";
import { warningText } from "../report-error.ts";
import { findAffected, type AffectedView } from "../wire/find-affected.ts";
import { loadForTasks } from "../wire/load-for-tasks.ts";
import type { LoadedWorkspace } from "../wire/load-workspace.ts";
import { requestRun, selectPackages } from "./run-request.ts";

type GraphFlags = Values<typeof selectionFlags & typeof changeFlags & typeof sourceFlags> & {
  readonly json: boolean;
  readonly dot: boolean;
  readonly open: boolean;
  readonly html: string | undefined;
};

/** `slipway graph`: packages and what they need, or the tasks of a plan and what they wait for. */
export async function showGraph(
  tasks: readonly string[],
  flags: GraphFlags,
  outside: Outside,
): Promise<ExitStatus> {
  const isPage = flags.open || flags.html !== undefined;
  refuseTwoForms(flags, isPage);
  const loaded = await loadForTasks(outside, flags);
  const view = await affectedView(loaded, flags, { outside, isWanted: isPage });
  const { chosen, plan, warnings } = await choose(tasks, { loaded, flags, outside, view });
  for (const warning of [...loaded.workspace.warnings, ...warnings]) outside.say(warningText(warning));
  if (isPage) return showPage({ loaded, chosen, plan, view }, flags, outside);
  const graph = graphOf(loaded.workspace, { chosen, tasks: plan?.tasks ?? null });
  if (flags.json) outside.answer(JSON.stringify(graph, null, 2));
  else outside.answer(flags.dot ? graphDot(graph) : graphText(graph));
  return 0;
}

function refuseTwoForms(flags: GraphFlags, isPage: boolean): void {
  const page = flags.open ? "--open" : "--html";
  const forms = [
    ...(flags.json ? ["--json"] : []),
    ...(flags.dot ? ["--dot"] : []),
    ...(isPage ? [page] : []),
  ];
  if (forms.length < 2) return;
  throw new UserError("cli/bad-argument", `${forms.join(" and ")} ask for different forms of the graph`, {
    hint: "ask for one of them",
  });
}

interface Choosing {
  readonly loaded: LoadedWorkspace;
  readonly flags: GraphFlags;
  readonly outside: Outside;
  readonly view: AffectedView | null;
}

interface Choice {
  readonly chosen: readonly PackageName[] | null;
  readonly plan: RunPlan | null;
  readonly warnings: Awaited<ReturnType<typeof selectPackages>>["warnings"];
}

async function choose(tasks: readonly string[], { loaded, flags, outside, view }: Choosing): Promise<Choice> {
  const { cwd, env } = outside;
  const surroundings = { ...loaded, cwd, env };
  const chosenBy = {
    filters: flags.filter,
    projects: names(flags.projects),
    exclude: names(flags.exclude),
  };
  const selected = await selectPackages(chosenBy, surroundings, flags.affected ? view : null);
  const chosen = selected.value?.map(({ name }) => name) ?? null;
  const warnings = [...((flags.affected && view?.warnings) || []), ...selected.warnings];
  if (tasks.length === 0) return { chosen, plan: null, warnings };
  const { base = null, head = null, strict, affected } = flags;
  const request = { ...chosenBy, tasks, affected, base, head, strict };
  const requested = await requestRun(
    { ...request, configuration: null, only: false, args: [] },
    surroundings,
  );
  return { chosen, plan: requested.plan, warnings: requested.warnings };
}

/** What is affected, when it was asked for, or when it can be marked: outside of git a page has no marks. */
async function affectedView(
  { root, workspace }: LoadedWorkspace,
  { affected, base, head, strict }: GraphFlags,
  { outside, isWanted }: { readonly outside: Outside; readonly isWanted: boolean },
): Promise<AffectedView | null> {
  if (!affected && !isWanted) return null;
  try {
    const { env } = outside;
    return await findAffected({ root, workspace, env, base: base ?? null, head: head ?? null, strict });
  } catch (error) {
    if (affected || base !== undefined || !(error instanceof UserError)) throw error;
    outside.say(`nothing is marked as affected: ${error.message}`);
    return null;
  }
}

interface Shown extends Choice {
  readonly loaded: LoadedWorkspace;
  readonly view: AffectedView | null;
}

async function showPage(
  { loaded, chosen, plan, view }: Omit<Shown, "warnings">,
  flags: GraphFlags,
  outside: Outside,
): Promise<ExitStatus> {
  const { graphPage } = await import("../report/graph-page.ts");
  const { pageGraphs } = await import("../report/page-graphs.ts");
  const path = flags.html === undefined ? await pathToOpen() : resolve(outside.cwd, flags.html);
  mkdirSync(dirname(path), { recursive: true });
  const graphs = pageGraphs(loaded.workspace, { chosen, plan, view });
  writeFileSync(path, graphPage({ graphs, base: view?.base.ref ?? null }));
  outside.answer(path);
  if (!flags.open) return 0;
  const { openInBrowser } = await import("../wire/open-in-browser.ts");
  if (!(await openInBrowser(path, outside.env)))
    outside.say("no browser could be started: open the file yourself");
  return 0;
}

/** Not deleted here: the browser reads it after this process has ended. */
async function pathToOpen(): Promise<string> {
  const { mkdtemp } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  return resolve(await mkdtemp(resolve(tmpdir(), "slipway-graph-")), "graph.html");
}
