import { realpathSync, statSync } from "node:fs";
import { basename } from "node:path";
import {
  collectListing,
  collectTables,
  findGitDirs,
  isSettled,
  renewNumbers,
  rewriteHotFile,
  writeHotFile,
  type DiskTree,
  type HotTask,
} from "@slipway/host";
import type { PlannedTask, RunPlan } from "@slipway/plan";
import type { LogPiece, Platform, RecordedOutput, RunOptions } from "@slipway/run";
import { version } from "../version.ts";
import { pnpmConfigFile } from "../wire/script-habits.ts";
import { dotenvHolds } from "./dotenv-holds.ts";
import { namesInIndex, type HotFacts, type HotRun, type KeptTask } from "./find-hot-run.ts";
import {
  countedDigest,
  hotPlaceOf,
  mayBeHot,
  ownDigest,
  type HotPlace,
  type HotRequest,
} from "./hot-request.ts";
import { ignoreFiles } from "./ignore-files.ts";
import { indexStat } from "./index-stat.ts";

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
  readonly before: HotRun | null;
  /** Outputs that were put back, when nothing else was done and nothing was looked at anew; null otherwise. */
  readonly restored: readonly RecordedOutput[] | null;
  task(id: string): SeenTask | undefined;
}

/** More than this would not be read faster than the tasks are looked up one by one. */
const logCharsMax = 16 * 1024 * 1024;

/**
 * Keeps what a run of these words found, for the next one. Nothing is kept when a task's result does not hold, or when
 * something that decides what the tasks are was touched since the run started.
 */
export function keepHotRun(ran: RanHot): void {
  const place = mayBeHot(ran.request) ? hotPlaceOf(ran.request) : null;
  if (!place) return;
  try {
    if (ran.before && ran.restored)
      keepAgain(place.file, ran, { before: ran.before, restored: ran.restored });
    else {
      const content = contentOf(ran, place.key);
      if (content) writeHotFile(place.file, content);
    }
  } catch {
    // A full disk or a read-only repository: the next run looks at more than it needs to.
  }
}

/** Only outputs were put back: all else is as the state says, or is found by it the next time. */
function keepAgain(
  path: string,
  ran: RanHot,
  { before, restored }: { readonly before: HotRun; readonly restored: NonNullable<RanHot["restored"]> },
): void {
  const { state } = before;
  const numbers = renewNumbers(state, ran.tree, { outputs: restored, startedMs: ran.startedMs });
  rewriteHotFile(path, state, { head: { ...state.head, facts: factsOf(ran) }, numbers });
}

type Content = Parameters<typeof writeHotFile>[1];

function contentOf(ran: RanHot, key: HotPlace["key"]): Content | null {
  const { plan, tree, env, platform } = ran;
  const seen = plan.tasks.map((task): Seen => ({ task, known: ran.task(task.id) }));
  const anchors = anchorsOf(ran);
  if (ran.askedNx?.state === null || !seen.every(isSure) || !anchors || isShim(platform.nodePath))
    return null;
  const logs = JSON.stringify(logsOf(seen));
  if (logs.length > logCharsMax) return null;
  const ofTasks = plan.tasks.flatMap(({ env: own, inputSpec }) => [...own, ...inputSpec.env]);
  const patterns = [...new Set([...plan.global.env, ...ofTasks])];
  const tables = collectTables(tree, seen.map(hotTask), ran.startedMs);
  if (!dotenvHolds(plan, ran, (id) => ran.task(id)?.seen.marks)) return null;
  return {
    head: {
      engine: version,
      root: tree.root,
      anchors,
      env: { patterns, digest: countedDigest(env, patterns, key) },
      ownEnv: ownDigest(env, key),
      nodePath: platform.nodePath,
      facts: factsOf(ran),
    },
    ...tables,
    sections: {
      tasks: JSON.stringify(seen.map(keptTask)),
      logs,
      plan: ran.before?.state.section("plan") ?? JSON.stringify(plan),
      listing: collectListing(tree),
    },
  };
}

interface Seen {
  readonly task: PlannedTask;
  readonly known: SeenTask | undefined;
}

/** Not sure: a result that must not be used again, commands whose answers count, processes that go on. */
function isSure({ task, known }: Seen): boolean {
  if (task.inputSpec.runtime.length > 0 || task.persistent) return false;
  return !task.action || !task.cache || typeof known?.fingerprint === "string";
}

function keptTask({ task, known }: Seen): KeptTask {
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

function hotTask({ task, known }: Seen): HotTask {
  if (!known) return { marks: {}, dirs: new Set(), absent: new Set(), outputs: [] };
  return { ...known.seen, dirs: new Set([...known.seen.dirs, task.dir]) };
}

function logsOf(seen: readonly Seen[]): Record<string, readonly LogPiece[]> {
  return Object.fromEntries(
    seen.flatMap(({ task, known }) => (known && known.log.length > 0 ? [[task.id, known.log]] : [])),
  );
}

function factsOf(ran: RanHot): HotFacts {
  const { tree, env, manager, askedNx, said, options, platform } = ran;
  const git = findGitDirs(tree.root);
  const path = git ? `${git.gitDir}/index` : null;
  const known = ran.before?.facts.index;
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

/** Null when one of them was touched since the run started: it may have been read before that. */
function anchorsOf(ran: RanHot): [string, number[] | null][] | null {
  const { anchors, tree, env, platform } = ran;
  const all = new Set([...anchors, ...ignoreFiles(tree, env), ...settingFiles(tree.root, env)]);
  if (platform.nodePath !== null) all.add(platform.nodePath);
  const result: [string, number[] | null][] = [];
  for (const path of all) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat && !isSettled(stat, ran.startedMs)) return null;
    result.push([path, stat ? [stat.mtimeMs, stat.ctimeMs, stat.size, stat.ino, stat.mode] : null]);
  }
  return result;
}

/** Where package managers keep what a user has set. */
function settingFiles(root: string, env: NodeJS.ProcessEnv): string[] {
  const home = env["HOME"] ?? "";
  const config = env["XDG_CONFIG_HOME"] || `${home}/.config`;
  return [
    env["npm_config_userconfig"] ?? `${home}/.npmrc`,
    `${root}/.npmrc`,
    `${config}/pnpm/rc`,
    pnpmConfigFile(env),
  ];
}

/** A version manager's shim is the same file whatever version it starts. */
function isShim(nodePath: string | null): boolean {
  return nodePath !== null && !/^node(?:js)?$/.test(basename(realpathSync(nodePath)));
}
