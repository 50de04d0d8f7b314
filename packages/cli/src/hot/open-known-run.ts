import { DiskTree, Listing, listingFrom, type HotTask, type StatNumbers } from "@slipway/host";
import { tasksThatHold } from "@slipway/host/hot";
import type { RunPlan } from "@slipway/plan";
import type { LogPiece, Platform, ScriptHabits, UntouchedTask } from "@slipway/run";
import type { PackageManager } from "@slipway/workspace";
import { configurationName } from "../wire/configuration-name.ts";
import type { KnownWorld } from "../wire/run-ports.ts";
import type { HotRun } from "./find-hot-run.ts";

/** An earlier run of the same words of which most still holds: its plan, and what was seen not to be touched. */
export interface KnownRun extends KnownWorld {
  readonly hot: HotRun;
  readonly plan: RunPlan;
  readonly manager: PackageManager;
  readonly habits: ScriptHabits;
  untouched(id: string): UntouchedTask | null;
  /** What was seen of a task whose inputs were not touched. */
  seen(id: string): HotTask | null;
}

/** Null when what came or went is more than source files: then the workspace has to be read. */
export function openKnownRun(hot: HotRun, env: NodeJS.ProcessEnv): KnownRun | null {
  const { state, dirt, facts } = hot;
  const { root } = state.head;
  if ([...dirt.files].some((at) => configurationName.test(nameOf(state.files[at] ?? "")))) return null;
  const listing = Listing.known(root, env, listingFrom(state.section("listing")));
  const changedDirs = new Set<number>();
  for (const at of dirt.dirs) {
    const news = newsIn(listing, state.dirs[at] ?? "");
    if (news === "more") return null;
    if (news !== "nothing") changedDirs.add(at);
  }
  listing.watchNames();
  const world = {
    tree: new DiskTree(root, listing, carriedFiles(hot)),
    platform: facts.platform as Platform,
  };
  return {
    ...world,
    hot,
    plan: JSON.parse(state.section("plan")) as RunPlan,
    manager: facts.manager as PackageManager,
    habits: facts.habits as ScriptHabits,
    ...untouchedTasks(hot, tasksThatHold(state, { ...dirt, dirs: changedDirs })),
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

/** Files that were not touched, found by path when they are asked for. */
function carriedFiles({ state, dirt }: HotRun): { get(path: string): StatNumbers | undefined } {
  let places: Map<string, number> | null = null;
  return {
    get(path) {
      places ??= new Map(state.files.map((each, at) => [each, at]));
      const at = places.get(path);
      if (at === undefined || dirt.files.has(at)) return undefined;
      return numbersAt(state.numbers, at);
    },
  };
}

function numbersAt(numbers: Float64Array, at: number): StatNumbers {
  const [mtimeMs = 0, ctimeMs = 0, sizeBytes = 0, inode = 0, mode = 0] = numbers.subarray(at * 5, at * 5 + 5);
  return [mtimeMs, ctimeMs, sizeBytes, inode, mode];
}

function untouchedTasks(
  { state, tasks }: HotRun,
  holds: ReturnType<typeof tasksThatHold>,
): Pick<KnownRun, "untouched" | "seen"> {
  const places = new Map<string, number>(tasks.map(({ id }, at) => [id, at]));
  const starts = linkStarts(state.links);
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
      logs ??= JSON.parse(state.section("logs")) as Record<string, readonly LogPiece[]>;
      const { fingerprint, savedMs: durationMs } = task;
      const inPlace = at !== null && (holds[at]?.outputs ?? false);
      return { fingerprint, log: logs[id] ?? [], durationMs, inPlace };
    },
    seen(id) {
      const at = held(id);
      return at === null ? null : seenTask(state, starts[at] ?? 0);
    },
  };
}

/** Where each task's counts stand among the links. */
function linkStarts(links: Uint32Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at < links.length;) {
    starts.push(at);
    const [files = 0, dirs = 0, outputs = 0] = links.subarray(at, at + 3);
    at += 3 + files + dirs + outputs;
  }
  return starts;
}

function seenTask(state: HotRun["state"], start: number): HotTask {
  const { links, numbers, files, dirs, outputs } = state;
  const [fileCount = 0, dirCount = 0, outputCount = 0] = links.subarray(start, start + 3);
  const places = [...links.subarray(start + 3, start + 3 + fileCount + dirCount + outputCount)];
  const outputsFrom = files.length + dirs.length;
  return {
    // Which marks they had is in the fingerprint; here only their names are of use.
    marks: Object.fromEntries(places.slice(0, fileCount).map((at) => [files[at] ?? "", ""])),
    dirs: new Set(places.slice(fileCount, fileCount + dirCount).map((at) => dirs[at] ?? "")),
    absent: new Set(),
    outputs: places.slice(fileCount + dirCount).map((at) => ({
      path: outputs[at] ?? "",
      stamp: numbersAt(numbers, outputsFrom + at).join(":"),
    })),
  };
}
