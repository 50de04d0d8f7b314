import { ignoredByGit, makeScratchCheckout, makeScratchFolder, openRepository } from "@slipway/host";
import { UserError, type TaskId } from "@slipway/kernel";
import { describeDifference, differencesOf, type ExplainedTask, type Fingerprint } from "@slipway/run";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Outside } from "../command.ts";
import type { SourceValues } from "../flags/selection.ts";
import { explainAsked, type ExplainedPlan } from "./explain-plan.ts";
import { loadForTasks } from "../wire/load-for-tasks.ts";
import type { KeptRun, RunHistory } from "../wire/run-history.ts";

/** What the fingerprints of now are compared with. */
export type Against =
  | {
      readonly kind: "run";
      readonly id: string;
      readonly startedAt: number;
      readonly words: readonly string[];
    }
  | { readonly kind: "ref"; readonly ref: string; readonly commit: string };

interface Comparing {
  readonly asked: string;
  readonly now: ExplainedPlan;
  readonly setting: Setting;
}

interface Setting {
  readonly root: string;
  readonly cacheDir: string;
  readonly outside: Outside;
  readonly history: RunHistory;
  readonly sources: SourceValues;
}

interface Compared {
  readonly against: Against;
  /** As a run would take them now, with the differences to what they are compared with. */
  readonly tasks: readonly ExplainedTask[];
}

/** The other side's fingerprint of a task: null when there is none, with the reason in words. */
type Other = { readonly value: Fingerprint } | { readonly value: null; readonly because: string };

/**
 * Compares the tasks' fingerprints of now with those of a kept run, or of another commit.
 *
 * @param name `last`, a kept run's id, or what git takes for a commit
 * @throws UserError when it is none of them
 */
export async function compareWith(name: string, comparing: Comparing): Promise<Compared> {
  const { history } = comparing.setting;
  const run = name === "last" ? history.last() : history.run(name);
  return run ? compareWithRun(run, comparing) : compareWithRef(name, comparing);
}

function compareWithRun(run: KeptRun, { now, setting }: Comparing): Compared {
  const { id, startedAt, words } = run;
  const ends = new Map(run.events.flatMap(({ event }) => (event.type === "task" ? [[event.id, event]] : [])));
  const other = (task: TaskId): Other => {
    const end = ends.get(task);
    if (!end) return { value: null, because: "it was no task of that run" };
    const past = setting.history.fingerprintAt(run, task, now.ports.records.last(task));
    // Failed and uncertain results are kept without their fingerprint.
    const isOther = past?.fingerprint != null && end.fingerprint !== past.fingerprint;
    if (!past || isOther) return { value: null, because: "what it was known by in that run is not kept" };
    return { value: past.value };
  };
  return { against: { kind: "run", id, startedAt, words }, tasks: compared(now.tasks, other) };
}

async function compareWithRef(ref: string, { asked, now, setting }: Comparing): Promise<Compared> {
  const { root, outside, history } = setting;
  const commit = await commitOf(ref, setting);
  if (commit === null) {
    const kept = history.ids();
    throw new UserError("cli/bad-argument", `"${ref}" is neither a kept run nor a commit`, {
      hint:
        kept.length > 0
          ? `kept runs, the last one first: ${kept.toReversed().slice(0, 5).join(", ")}`
          : "no run is kept here; any branch, tag or commit of git will do",
    });
  }
  const folder = makeScratchFolder("why");
  try {
    const target = join(folder.path, "tree");
    const there = join(target, await makeScratchCheckout(root, commit, target));
    lendModules(root, there, target);
    const then = await explainedThere(asked, { there, keyedDigest: now.ports.keyedDigest, setting });
    const other = (task: TaskId): Other => {
      const found = then.get(task);
      return found ? { value: found } : { value: null, because: `it is no task of ${ref}` };
    };
    const isIgnored = ignoredHere(now.tasks, other, { root, env: outside.env });
    return { against: { kind: "ref", ref, commit }, tasks: compared(now.tasks, other, isIgnored) };
  } finally {
    folder.remove();
  }
}

async function commitOf(ref: string, { root, outside }: Setting): Promise<string | null> {
  return (await openRepository(root, outside.env)).commitOf(ref);
}

/** The repository's nx answers from its installation; git is told that it is no file of that tree. */
function lendModules(root: string, there: string, checkout: string): void {
  if (!existsSync(join(root, "node_modules")) || existsSync(join(there, "node_modules"))) return;
  const exclude = join(checkout, ".git/info/exclude");
  mkdirSync(dirname(exclude), { recursive: true });
  writeFileSync(exclude, "node_modules\n");
  symlinkSync(join(root, "node_modules"), join(there, "node_modules"));
}

interface There {
  readonly there: string;
  readonly keyedDigest: ExplainedPlan["ports"]["keyedDigest"];
  readonly setting: Setting;
}

/** Without tasks where that tree has none of that name. */
async function explainedThere(
  asked: string,
  { there, keyedDigest, setting }: There,
): Promise<Map<TaskId, Fingerprint>> {
  const { outside, cacheDir, sources } = setting;
  const { env, signal } = outside;
  const { workspace } = await loadForTasks({ ...outside, cwd: there }, sources);
  const seen = { root: there, workspace, cwd: there, env, cacheDir, signal, keyedDigest };
  try {
    const { tasks } = await explainAsked(asked, seen);
    return new Map(tasks.map(({ id, value }) => [id, value]));
  } catch (error) {
    if (error instanceof UserError) return new Map();
    throw error;
  }
}

/** A file that git ignores is in no commit: that it is here is no difference between the two. */
function ignoredHere(
  tasks: readonly ExplainedTask[],
  other: (id: TaskId) => Other,
  { root, env }: { readonly root: string; readonly env: Outside["env"] },
): (path: string) => boolean {
  const news = tasks.flatMap(({ id, value }) => {
    const before = other(id).value;
    return before === null ? [] : fileFields.flatMap((field) => newNames(before[field], value[field]));
  });
  const ignored = ignoredByGit(root, [...new Set(news)], env);
  return (path) => ignored.has(path);
}

const fileFields = ["files", "globalFiles", "dotenv"] as const;

function newNames(before: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): string[] {
  return Object.keys(now).filter((name) => !Object.hasOwn(before, name));
}

function compared(
  tasks: readonly ExplainedTask[],
  other: (id: TaskId) => Other,
  leftOut: (path: string) => boolean = () => false,
): ExplainedTask[] {
  return tasks.map((task) => {
    const before = other(task.id);
    if (before.value === null) return { ...task, reason: before.because, differences: [] };
    const differences = differencesOf(without(before.value, leftOut), without(task.value, leftOut));
    const [first] = differences;
    const isSame = first === undefined && differencesOf(before.value, task.value).length === 0;
    const nothing = isSame ? "nothing differs" : "nothing differs but files that git ignores";
    return { ...task, reason: first ? describeDifference(first) : nothing, differences };
  });
}

function without(value: Fingerprint, leftOut: (path: string) => boolean): Fingerprint {
  const kept = fileFields.map((field) => {
    const entries = Object.entries(value[field]).filter(([path]) => !leftOut(path));
    return [field, Object.fromEntries(entries)];
  });
  return { ...value, ...Object.fromEntries(kept) } as Fingerprint;
}
