import { DiskTree, Listing, listingFrom } from "@slipway/host";
import { tasksThatHold, type HotMore } from "@slipway/host/hot";
import type { RunPlan } from "@slipway/plan";
import type { LogPiece, Platform, ScriptHabits, UntouchedTask } from "@slipway/run";
import type { PackageManager } from "@slipway/workspace";
import { configurationName } from "../wire/configuration-name.ts";
import type { KnownWorld } from "../wire/run-ports.ts";
import { keptLogs, type HotRun } from "./find-hot-run.ts";

/** An earlier run of the same words of which most still holds: its plan, and what was seen not to be touched. */
export interface KnownRun extends KnownWorld {
  readonly hot: HotRun;
  readonly more: HotMore;
  readonly plan: RunPlan;
  readonly manager: PackageManager;
  readonly habits: ScriptHabits;
  untouched(id: string): UntouchedTask | null;
}

/** Null when what came or went is more than source files: then the workspace has to be read. */
export function openKnownRun(hot: HotRun, env: NodeJS.ProcessEnv): KnownRun | null {
  const { state, dirt, facts } = hot;
  const { root } = state.head;
  const { files, dirs } = state;
  if ([...dirt.files].some((at) => configurationName.test(nameOf(files.paths[at] ?? "")))) return null;
  const more = state.more();
  if (!more) return null;
  const kept = listingFrom(more.section("listing"), state.since?.listing ?? []);
  const listing = Listing.known(root, env, kept);
  const changedDirs = new Set<number>();
  for (const at of dirt.dirs) {
    const news = newsIn(listing, dirs.paths[at] ?? "");
    if (news === "more") return null;
    if (news !== "nothing") changedDirs.add(at);
  }
  listing.watchNames();
  const world = {
    tree: new DiskTree(root, listing),
    platform: facts.platform as Platform,
  };
  return {
    ...world,
    hot,
    more,
    plan: JSON.parse(more.section("plan")) as RunPlan,
    manager: facts.manager as PackageManager,
    habits: facts.habits as ScriptHabits,
    ...untouchedTasks(hot, tasksThatHold(more, { ...dirt, dirs: changedDirs })),
  };
}

/** What came to a directory or went from it; `nothing` when only outputs that git ignores did, or ignored names went. */
function newsIn(listing: Listing, dir: string): "nothing" | "files" | "more" {
  const before = listing.dirs.get(dir);
  // Looked at in another way than by its names: the tasks that it matters to look again.
  if (!before) return "files";
  const after = listing.fresh(dir);
  if (!after) return "more";
  const files = [...difference(before.files, after.files), ...difference(after.files, before.files)];
  const dirs = [...difference(before.dirs, after.dirs), ...difference(after.dirs, before.dirs)];
  if (dirs.length > 0 || files.some((name) => configurationName.test(name))) return "more";
  // An ignored file that comes may be a dotenv file, or match a task's inputs. One that goes was in the tables if it was.
  const ignored = difference(after.ignored, before.ignored);
  if (ignored.includes(".gitignore")) return "more";
  return files.length + ignored.length > 0 ? "files" : "nothing";
}

function difference(one: ReadonlySet<string>, other: ReadonlySet<string>): string[] {
  return [...one].filter((name) => !other.has(name));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function untouchedTasks(
  { state, tasks }: HotRun,
  holds: ReturnType<typeof tasksThatHold>,
): Pick<KnownRun, "untouched"> {
  const places = new Map<string, number>(tasks.map(({ id }, at) => [id, at]));
  let logs: Record<string, readonly LogPiece[]> | null = null;
  const held = (id: string): number | null => {
    const at = places.get(id);
    const isKnown =
      at !== undefined && tasks[at]?.cached && tasks[at].fingerprint !== "" && holds[at]?.inputs;
    return isKnown ? at : null;
  };
  return {
    untouched(id) {
      const at = held(id);
      const task = at === null ? undefined : tasks[at];
      if (!task) return null;
      logs ??= keptLogs(state);
      const { fingerprint, savedMs: durationMs } = task;
      const inPlace = at !== null && (holds[at]?.outputs ?? false);
      return { fingerprint, log: logs[id] ?? [], durationMs, inPlace };
    },
  };
}
