import { openRepository } from "@slipway/host";
import { UserError, type Checked, type Problem } from "@slipway/kernel";
import { affectedTasks, onlyAffected, planRun, type ChosenPackage, type RunPlan } from "@slipway/plan";
import { rangesOf, select, type Affected, type Selected, type Workspace } from "@slipway/workspace";
import { relative, sep } from "node:path";
import { affectedInRange, findAffected, type AffectedView } from "../wire/find-affected.ts";

/** What was typed behind `slipway run`, without what only concerns carrying it out. */
export interface RunFlags {
  readonly tasks: readonly string[];
  readonly filters: readonly string[];
  /** nx `-p`. */
  readonly projects: readonly string[];
  readonly exclude: readonly string[];
  readonly affected: boolean;
  /** What `--affected` judges: the inputs that tasks declare (default), or whole packages as turbo and older nx do. */
  readonly affectedBy?: "inputs" | "packages";
  readonly base: string | null;
  readonly head: string | null;
  readonly strict: boolean;
  readonly configuration: string | null;
  readonly only: boolean;
  /** What stood after `--`. */
  readonly args: readonly string[];
}

export interface RequestedRun {
  readonly plan: RunPlan;
  /** Null unless `--affected` was asked for. */
  readonly affected: AffectedView | null;
  readonly warnings: readonly Problem[];
}

export interface Surroundings {
  /** Absolute. */
  readonly root: string;
  /** Absolute: where the command was typed. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workspace: Workspace;
}

/**
 * From the command line to a plan: what changed, which packages that and the filters choose, which tasks follow.
 *
 * @throws UserError with all problems at once
 */
export async function requestRun(flags: RunFlags, surroundings: Surroundings): Promise<RequestedRun> {
  const { base, head, strict } = flags;
  const view = flags.affected ? await findAffected({ ...surroundings, base, head, strict }) : null;
  const byInputs = flags.affectedBy !== "packages";
  const candidates = view && byInputs ? { ...view, packages: null } : view;
  const selected = await selectPackages(flags, surroundings, candidates);
  const planned = planRun(surroundings.workspace, {
    tasks: flags.tasks,
    packages: selected.value?.map((one) => chosenPackage(one, byInputs ? view : null)) ?? null,
    configuration: flags.configuration,
    args: flags.args,
    only: flags.only,
  });
  const plan = narrowed(checked(planned), surroundings.workspace, byInputs ? view : null);
  const warnings = [...(view?.warnings ?? []), ...selected.warnings, ...planned.warnings];
  return { plan, affected: view, warnings };
}

/** The packages that filters, directory and `--affected` choose; null: all of them. */
export async function selectPackages(
  flags: Pick<RunFlags, "filters" | "projects" | "exclude">,
  { root, cwd, env, workspace }: Surroundings,
  view: AffectedView | null,
): Promise<{ readonly value: readonly Selected[] | null; readonly warnings: readonly Problem[] }> {
  const changed: Record<string, readonly Affected[]> = {};
  const ranges = rangesOf(flags.filters);
  if (ranges.length > 0) {
    const git = await openRepository(root, env);
    for (const range of ranges) changed[range] = await affectedInRange(git, workspace, range);
  }
  const selected = select(workspace, {
    filters: flags.filters,
    projects: flags.projects,
    exclude: flags.exclude,
    cwd: relative(root, cwd).split(sep).join("/"),
    changed,
    affected: view && { base: view.base.ref, packages: view.packages },
  });
  return { value: checked(selected), warnings: selected.warnings };
}

/**
 * Judged by what each task declares as input, not by package: a change of a README runs no build that leaves it out, and
 * a task that reads a file elsewhere runs when that file changes.
 */
function narrowed(plan: RunPlan, workspace: Workspace, view: AffectedView | null): RunPlan {
  if (!view?.changes) return plan;
  return onlyAffected(plan, affectedTasks(plan, workspace, view.changes), view.base.ref);
}

/** Where the tasks are judged, being a candidate is no reason. */
function chosenPackage({ name, because }: Selected, view: AffectedView | null): ChosenPackage {
  return { name, because: view?.changes ? because.filter(({ kind }) => kind !== "affected") : because };
}

function checked<T>(result: Checked<T>): T {
  if (!result.ok) throw UserError.of(result.problems);
  return result.value;
}
