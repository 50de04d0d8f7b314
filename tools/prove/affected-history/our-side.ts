import { join } from "node:path";
import { explainPlan } from "../../../packages/cli/src/journeys/explain-plan.ts";
import { findAffected } from "../../../packages/cli/src/wire/find-affected.ts";
import { loadWorkspace } from "../../../packages/cli/src/wire/load-workspace.ts";
import { affectedTasks, planRun, type RunPlan } from "../../../packages/plan/src/index.ts";
import type { Affected, Workspace } from "../../../packages/workspace/src/index.ts";
import { throughForwards, type Answer, type Origin } from "./answer.ts";

export interface OurAnswer extends Answer {
  readonly workspace: Workspace;
  readonly tasks: readonly string[];
  /** Root-relative paths that the commit changes. */
  readonly files: readonly string[];
}

export interface Question {
  readonly root: string;
  readonly base: string;
  readonly commit: string;
  /** Those that are there are asked for. */
  readonly tasks: readonly string[];
}

export async function askSlipway({ root, base, commit, tasks: wanted }: Question): Promise<OurAnswer> {
  const { workspace } = loadWorkspace(root);
  const tasks = wanted.filter((name) => workspace.tasks.rules.some(({ task }) => task === name));
  const env = { PATH: process.env["PATH"], SLIPWAY_CACHE_DIR: join(root, ".git/slipway-cache") };
  const view = await findAffected({ root, workspace, env, base, head: commit, strict: true });
  const request = { tasks, packages: null, configuration: null, args: [], only: false };
  const planned = planRun(workspace, request);
  if (!planned.ok) throw new Error(planned.problems.map(({ message }) => message).join("; "));
  const plan = planned.value;
  const label = labelsIn(plan);
  const reached = view.changes ? affectedTasks(plan, workspace, view.changes) : [];
  const runs = new Map<string, boolean>(plan.tasks.map(({ id, command }) => [id, command !== null]));
  const needs = new Map<string, readonly string[]>(plan.tasks.map((one) => [one.id, one.needs]));
  const real = throughForwards(runs.keys(), {
    needsOf: (id) => needs.get(id) ?? [],
    runs: (id) => runs.get(id) === true,
  });
  return {
    workspace,
    tasks,
    packages: new Set(workspace.packages.map(({ dir }) => dir || ".")),
    files: view.changes?.files ?? [],
    affected: originsOf(view.packages ?? [], workspace),
    plan: new Map([...real].map(([id, list]) => [label(id), list.map(label).toSorted()])),
    hashes: await fingerprints({ root, workspace, plan, env }),
    affectedTasks: new Set(reached.filter(({ id }) => runs.get(id)).map(({ id }) => label(id))),
  };
}

function labelsIn(plan: RunPlan): (id: string) => string {
  const labels = new Map<string, string>(
    plan.tasks.map(({ id, dir, task, configuration }) => {
      return [id, `${dir || "."}#${task}${configuration ? `:${configuration}` : ""}`];
    }),
  );
  return (id) => labels.get(id) ?? id;
}

interface Planned {
  readonly root: string;
  readonly workspace: Workspace;
  readonly plan: RunPlan;
  readonly env: Readonly<Record<string, string | undefined>>;
}

async function fingerprints({ root, workspace, plan, env }: Planned): Promise<Map<string, string>> {
  if (plan.tasks.length === 0) return new Map();
  const label = labelsIn(plan);
  const signal = new AbortController().signal;
  const cacheDir = env["SLIPWAY_CACHE_DIR"] ?? "";
  const { tasks } = await explainPlan(plan, { root, workspace, cwd: root, env, cacheDir, signal });
  return new Map(tasks.map(({ id, fingerprint }) => [label(id), fingerprint]));
}

function originsOf(affected: readonly Affected[], { packages }: Workspace): Map<string, Origin> {
  const byName = new Map(packages.map((each) => [each.name, each]));
  const reasons = new Map(affected.map((each) => [each.name, each]));
  const origin = (name: string): Origin => {
    const seen = new Set<string>();
    const via: string[] = [];
    for (let at = name; ;) {
      seen.add(at);
      const because = reasons.get(at)?.because ?? [];
      const direct = because.find(({ kind }) => kind !== "dependency");
      const next = because.find((each) => each.kind === "dependency" && !seen.has(each.package));
      if (direct || next?.kind !== "dependency")
        return { package: byName.get(at)?.dir || ".", kind: direct?.kind ?? "dependency", via };
      via.push(byName.get(at)?.edges.find(({ to }) => to === next.package)?.via ?? "unknown");
      at = next.package;
    }
  };
  return new Map(affected.map(({ name }) => [byName.get(name)?.dir || ".", origin(name)]));
}
