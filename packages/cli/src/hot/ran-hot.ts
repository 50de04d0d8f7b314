import { findGitDirs, type DiskTree, type HotTask } from "@slipway/host";
import type { PlannedTask, RunPlan } from "@slipway/plan";
import type { LogPiece, Platform, RecordedOutput, RunOptions } from "@slipway/run";
import { namesInIndex, type HotFacts, type KeptTask } from "./find-hot-run.ts";
import type { HotRequest } from "./hot-request.ts";
import { indexStat } from "./index-stat.ts";
import type { KnownRun } from "./open-known-run.ts";

/** A task whose result holds, and what was seen of it. */
export interface SeenTask {
  readonly fingerprint: string | null;
  readonly log: readonly LogPiece[];
  readonly durationMs: number;
  readonly seen: HotTask;
}

/** What a finished run knows. */
export interface RanHot {
  readonly request: HotRequest;
  /** When the run began to look at anything, in milliseconds since the epoch. */
  readonly startedMs: number;
  readonly env: NodeJS.ProcessEnv;
  readonly plan: RunPlan;
  readonly tree: DiskTree;
  readonly platform: Platform;
  readonly manager: unknown;
  readonly said: readonly string[];
  readonly options: RunOptions;
  /** Where the account of the run is kept, absolute. */
  readonly keptAt: string;
  /** Absolute paths of the files that the workspace was read from. */
  readonly anchors: readonly string[];
  readonly askedNx: HotFacts["askedNx"];
  /** What was known before, where this run went on from it. */
  readonly before: KnownRun | null;
  /** Tasks that were looked at anew. */
  readonly looked: ReadonlyMap<string, SeenTask>;
  /** Outputs that were put back by what was known before, by task. */
  readonly restored: ReadonlyMap<string, readonly RecordedOutput[]>;
}

/** More than this would not be read faster than the tasks are looked up one by one. */
export const logCharsMax = 16 * 1024 * 1024;

export interface Seen {
  readonly task: PlannedTask;
  readonly known: SeenTask | undefined;
}

/** Not sure: a result that must not be used again, commands whose answers count, processes that go on. */
export function isSure({ task, known }: Seen): boolean {
  if (task.inputSpec.runtime.length > 0 || task.persistent) return false;
  return !task.action || !task.cache || typeof known?.fingerprint === "string";
}

export function keptTask({ task, known }: Seen): KeptTask {
  const { id, package: packageName, task: name, command, outputLogs } = task;
  return {
    id,
    package: packageName,
    task: name,
    command,
    outputLogs,
    real: task.action !== null,
    cached: task.cache,
    fingerprint: known?.fingerprint ?? "",
    savedMs: known?.durationMs ?? 0,
  };
}

export function hotTask({ task, known }: Seen): HotTask {
  if (!known) return { marks: {}, dirs: new Set(), absent: new Set(), outputs: [] };
  return { ...known.seen, dirs: new Set([...known.seen.dirs, task.dir]) };
}

export function logsOf(seen: readonly Seen[]): Record<string, readonly LogPiece[]> {
  return Object.fromEntries(
    seen.flatMap(({ task, known }) => (known && known.log.length > 0 ? [[task.id, known.log]] : [])),
  );
}

export function factsOf(ran: RanHot): HotFacts {
  const { tree, env, manager, askedNx, said, options, platform } = ran;
  const git = findGitDirs(tree.root);
  const path = git ? `${git.gitDir}/index` : null;
  const known = ran.before?.hot.facts.index;
  const isKnown = known && path !== null && known.stat === indexStat(path);
  const names = path === null ? null : isKnown ? known.names : namesInIndex(tree.root, env);
  return {
    index: path !== null && names !== null ? { path, stat: indexStat(path), names } : null,
    concurrency: options.concurrency,
    keptAt: ran.keptAt,
    askedNx,
    said,
    habits: options.habits,
    manager,
    platform,
  };
}
