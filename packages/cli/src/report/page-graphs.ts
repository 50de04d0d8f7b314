import type { PackageName } from "@slipway/kernel";
import type { RunPlan } from "@slipway/plan";
import type { Workspace } from "@slipway/workspace";
import { affectedReasonText, runReasonText } from "./because.ts";
import type { PageGraph } from "./graph-page.ts";

interface Wanted {
  /** Null: all of them. */
  readonly chosen: readonly PackageName[] | null;
  readonly plan: RunPlan | null;
  /** Null, or null packages: not known. */
  readonly view: {
    readonly packages:
      | readonly { readonly name: PackageName; readonly because: readonly AffectedReason[] }[]
      | null;
  } | null;
}

type AffectedReason = Parameters<typeof affectedReasonText>[0];

/** The graphs of the page: tasks first when they were asked for, and packages always. */
export function pageGraphs(workspace: Workspace, { chosen, plan, view }: Wanted): PageGraph[] {
  const because = new Map(
    (view?.packages ?? []).map((each) => [each.name, each.because.map(affectedReasonText)]),
  );
  const shown = chosen && new Set(chosen);
  const packages: PageGraph = {
    title: "packages",
    nodes: workspace.packages
      .filter(({ name }) => shown === null || shown.has(name))
      .map(({ name, dir, edges }) => ({
        id: name,
        label: name,
        note: dir === "" ? "the root" : dir,
        needs: [
          ...new Map(
            edges.map(({ to, kind, range }) => [to, { id: to, note: `${kind}, ${range}` }]),
          ).values(),
        ],
        because: because.get(name) ?? [],
      })),
  };
  if (plan === null) return [packages];
  const tasks: PageGraph = {
    title: "tasks",
    nodes: plan.tasks.map((task) => ({
      id: task.id,
      label: task.id,
      note: [task.command ?? "passes its needs through", ...task.because.map(runReasonText)].join("; "),
      needs: task.needs.map((id) => ({ id })),
      because: because.get(task.package) ?? [],
    })),
  };
  return [tasks, packages];
}
