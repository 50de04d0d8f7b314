import { runPeer } from "../../../packages/cli/test/peers/peers.ts";
import { throughForwards, type Answer, type Origin } from "./answer.ts";
import type { OurAnswer, Question } from "./our-side.ts";

interface QueriedPackage {
  readonly name: string;
  readonly reason: Readonly<Record<string, string>>;
}

interface DryRun {
  readonly tasks: readonly {
    readonly taskId: string;
    readonly task: string;
    readonly hash: string;
    readonly command: string;
    readonly dependencies: readonly string[];
  }[];
}

/** The real turbo's answers; our view of the workspace only says in which directory a package is. */
export async function askTurbo({ root, base, commit }: Question, ours: OurAnswer): Promise<Answer> {
  const dirs = new Map(ours.workspace.packages.map(({ name, dir }) => [name, dir || "."]));
  const dirOf = (name: string): string => (name === "//" ? "." : (dirs.get(name) ?? name));
  const label = (id: string): string => {
    const at = id.indexOf("#");
    return `${dirOf(id.slice(0, at))}#${id.slice(at + 1)}`;
  };
  const { declaredIn } = ours.workspace.tasks;
  const file = declaredIn?.[0] === undefined ? [] : ["--root-turbo-json", declaredIn[0]];
  const query = ["query", "affected", "--packages", "--base", base, "--head", commit, ...file];
  const { data } = (await answered(root, query)) as {
    readonly data: { readonly affectedPackages: { readonly items: readonly QueriedPackage[] } };
  };
  const packages = data.affectedPackages.items;
  const dry = await dryRun(root, ours.tasks, file);
  const byId = new Map(dry.tasks.map((one) => [one.taskId, one]));
  const runs = (id: string): boolean => (byId.get(id)?.command ?? "<NONEXISTENT>") !== "<NONEXISTENT>";
  const real = throughForwards(byId.keys(), { needsOf: (id) => byId.get(id)?.dependencies ?? [], runs });
  const affected = new Map(packages.map((one) => [dirOf(one.name), originOf(one, packages, ours.workspace)]));
  const runnable = dry.tasks.filter(({ taskId }) => runs(taskId));
  return {
    affected,
    plan: new Map([...real].map(([id, list]) => [label(id), list.map(label).toSorted()])),
    packages: ours.packages,
    hashes: new Map(runnable.map((one) => [label(one.taskId), one.hash])),
    affectedTasks: new Set(
      runnable
        .filter(({ task }) => ours.tasks.includes(task))
        .map(({ taskId }) => label(taskId))
        .filter((id) => affected.has(id.slice(0, id.indexOf("#")))),
    ),
  };
}

async function dryRun(root: string, tasks: readonly string[], file: readonly string[]): Promise<DryRun> {
  if (tasks.length === 0) return { tasks: [] };
  return (await answered(root, ["run", ...tasks, "--dry=json", ...file])) as DryRun;
}

async function answered(root: string, words: readonly string[]): Promise<unknown> {
  const { stdout, stderr } = await runPeer("turbo", words, root);
  if (!stdout.startsWith("{")) throw new Error(`turbo: ${stderr.trim().split("\n").slice(0, 2).join(" ")}`);
  return JSON.parse(stdout);
}

/**
 * turbo does not say which dependency it was: one with a reason of its own among those that are reached. Where there is
 * none, it is the root's, since turbo takes every package to depend on the root.
 */
function originOf(
  { name, reason }: QueriedPackage,
  all: readonly QueriedPackage[],
  { packages }: OurAnswer["workspace"],
): Origin {
  const byName = new Map(packages.map((each) => [each.name, each]));
  const rootName = packages.find(({ dir }) => dir === "")?.name ?? "//";
  const kinds = new Map(
    all.map((each) => [each.name === "//" ? rootName : each.name, each.reason["__typename"] ?? ""]),
  );
  const dirOf = (at: string): string => byName.get(at)?.dir || ".";
  const own = name === "//" ? rootName : name;
  const ownKind = reason["__typename"] ?? "";
  if (ownKind !== "DependencyChanged") return { package: dirOf(own), kind: ownKind, via: [] };
  const reached = new Set([own]);
  for (const at of reached) {
    const kind = kinds.get(at);
    if (kind !== undefined && kind !== "DependencyChanged") return { package: dirOf(at), kind, via: [] };
    for (const { to } of byName.get(at)?.edges ?? []) if (kinds.has(to)) reached.add(to);
  }
  return { package: ".", kind: "RootInternalDepChanged", via: [] };
}
