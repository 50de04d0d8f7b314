import { askNx } from "../../../packages/cli/test/peers/peers.ts";
import { throughForwards, type Answer, type Origin } from "./answer.ts";
import type { OurAnswer, Question } from "./our-side.ts";

const lockfile = /(?:^|\/)(?:pnpm-lock\.yaml|package-lock\.json|yarn\.lock|bun\.lockb?)$/;
const tsconfig = /^tsconfig\.(?:base\.)?json$/;

/**
 * nx's own modules answer. It gives no reasons, so it is asked again without the files that it treats in a way of its
 * own: what is not affected then, was so by them.
 */
export function askNxOf({ root, base, commit }: Question, ours: OurAnswer): Answer {
  const { files, tasks } = ours;
  const range = { base, head: commit };
  const answer = askNx(root, {
    affected: [
      { ...range, files, targets: tasks },
      { ...range, files: files.filter((file) => !lockfile.test(file)) },
      { ...range, files: files.filter((file) => !lockfile.test(file) && !tsconfig.test(file)) },
    ],
    plans: [{ targets: tasks }],
    hashes: [{ targets: tasks }],
  });
  const [all, withoutLockfile, withoutBoth] = answer.affected.map(({ projects }) => new Set(projects));
  const dirOf = (name: string): string => answer.projects[name] ?? name;
  const label = (id: string): string => {
    const name = Object.keys(answer.projects)
      .filter((each) => id.startsWith(`${each}:`))
      .toSorted((a, b) => b.length - a.length)[0];
    return name === undefined ? id : `${dirOf(name)}#${id.slice(name.length + 1)}`;
  };
  const originOf = (name: string): Origin => {
    const kind = !withoutLockfile?.has(name) ? "lockfile" : !withoutBoth?.has(name) ? "tsconfig" : "other";
    return { package: dirOf(name), kind, via: [] };
  };
  const [plan] = answer.plans;
  if (!plan || "fails" in plan) throw new Error(`nx: ${plan?.fails ?? "no plan"}`);
  const byId = new Map(plan.tasks.map((task) => [task.id, task]));
  const runs = (id: string): boolean => byId.get(id)?.runs === true;
  const real = throughForwards(byId.keys(), { needsOf: (id) => byId.get(id)?.needs ?? [], runs });
  const asked = new Set(tasks);
  return {
    affected: new Map([...(all ?? [])].map((name) => [dirOf(name), originOf(name)])),
    plan: new Map([...real].map(([id, list]) => [label(id), list.map(label).toSorted()])),
    hashes: new Map(
      Object.entries(answer.hashes[0] ?? {})
        .filter(([id]) => runs(id))
        .map(([id, hash]) => [label(id), hash]),
    ),
    affectedTasks: new Set(
      (answer.affected[0]?.tasks ?? [])
        .filter((id) => runs(id) && asked.has(byId.get(id)?.target ?? ""))
        .map(label),
    ),
    packages: new Set(Object.values(answer.projects)),
  };
}
