import type { ExitStatus } from "@slipway/kernel";
import type { Outside, Values } from "../command.ts";
import {
  names,
  sourceOf,
  type changeFlags,
  type selectionFlags,
  type sourceFlags,
} from "../flags/selection.ts";
import { graphDot, graphOf, graphText } from "../report/graph.ts";
import { warningText } from "../report-error.ts";
import { findAffected } from "../wire/find-affected.ts";
import { loadWorkspace } from "../wire/load-workspace.ts";
import { requestRun, selectPackages } from "./run-request.ts";

type GraphFlags = Values<typeof selectionFlags & typeof changeFlags & typeof sourceFlags> & {
  readonly json: boolean;
  readonly dot: boolean;
};

/** `slipway graph`: packages and what they need, or the tasks of a plan and what they wait for. */
export async function showGraph(
  tasks: readonly string[],
  flags: GraphFlags,
  outside: Outside,
): Promise<ExitStatus> {
  const { cwd, env } = outside;
  const { root, workspace } = loadWorkspace(cwd, sourceOf(flags["tasks-from"]));
  const surroundings = { root, cwd, env, workspace };
  const { base = null, head = null, strict, affected } = flags;
  const chosenBy = { filters: flags.filter, projects: names(flags.projects), exclude: names(flags.exclude) };
  const view = affected ? await findAffected({ ...surroundings, base, head, strict }) : null;
  const selected = await selectPackages(chosenBy, surroundings, view);
  const requested =
    tasks.length === 0
      ? null
      : await requestRun(
          { ...chosenBy, tasks, affected, base, head, strict, configuration: null, only: false, args: [] },
          surroundings,
        );
  const warnings = requested?.warnings ?? [...(view?.warnings ?? []), ...selected.warnings];
  for (const warning of [...workspace.warnings, ...warnings]) outside.say(warningText(warning));
  const graph = graphOf(workspace, {
    chosen: selected.value?.map(({ name }) => name) ?? null,
    tasks: requested?.plan.tasks ?? null,
  });
  if (flags.json) outside.answer(JSON.stringify(graph, null, 2));
  else outside.answer(flags.dot ? graphDot(graph) : graphText(graph));
  return 0;
}
