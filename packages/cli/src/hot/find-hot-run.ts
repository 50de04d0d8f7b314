import { spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import {
  anchorsHold,
  dirtOf,
  findOnPath,
  nxState,
  readHotFile,
  type Dirt,
  type HotFile,
} from "@slipway/host/hot";
import type { LogPiece } from "@slipway/run";
import type { HotTaskEnd } from "@slipway/run/hot";
import type { PlannedTask } from "@slipway/plan";
import { version } from "../version.ts";
import { indexStat } from "./index-stat.ts";
import {
  countedDigest,
  hotPlaceOf,
  mayBeHot,
  ownDigest,
  type HotPlace,
  type HotRequest,
} from "./hot-request.ts";

/** What is kept of each task, in the plan's order. */
export interface KeptTask extends HotTaskEnd, Pick<PlannedTask, "command" | "outputLogs"> {
  /** False: it passes its needs through, and nothing runs. */
  readonly real: boolean;
  readonly cached: boolean;
}

/** What is kept of a run for the next one, beside what the files say. */
export interface HotFacts {
  readonly index: { readonly path: string; readonly stat: string; readonly names: string } | null;
  readonly concurrency: number;
  /** Where the account of the run that saw all this is kept, absolute. */
  readonly keptAt: string;
  /** What nx was asked about, where its plugins decide what the tasks are. */
  readonly askedNx: { readonly imports: boolean; readonly state: string | null } | null;
  /** What was said before the run: where its tasks come from, warnings. */
  readonly said: readonly string[];
  /** What the package manager is and how it runs scripts: opaque here. */
  readonly habits: unknown;
  readonly manager: unknown;
  readonly platform: unknown;
}

export interface HotRun {
  readonly state: HotFile;
  readonly facts: HotFacts;
  readonly tasks: readonly KeptTask[];
  readonly dirt: Dirt;
  /** True: every task is as its last run left it. */
  readonly complete: boolean;
}

/**
 * What an earlier run of the very same words left, as far as it still holds. Nothing is parsed but the state itself;
 * files, directories and outputs are looked at once each.
 *
 * @returns null when the run has to start from nothing
 */
export function findHotRun(request: HotRequest, env: NodeJS.ProcessEnv): HotRun | null {
  if (!mayBeHot(request)) return null;
  const place = hotPlaceOf(request);
  const state = place && readHotFile(place.file);
  if (!state || !isSameCaller(state, env, place.key) || !anchorsHold(state)) return null;
  const facts = state.head.facts as HotFacts;
  const { root } = state.head;
  if (!indexHolds(root, facts.index, env) || !nxHolds(root, facts.askedNx)) return null;
  const dirt = dirtOf(state);
  const tasks = keptTasks(state);
  const isClean = dirt.files.size + dirt.dirs.size + dirt.outputs.size === 0;
  return {
    state,
    facts,
    tasks,
    dirt,
    complete: isClean && tasks.every((task) => task.cached || !task.real),
  };
}

function keptTasks(state: HotFile): KeptTask[] {
  const tasks = JSON.parse(state.section("tasks")) as KeptTask[];
  for (const [at, task] of state.since?.tasks ?? []) tasks[at] = task as KeptTask;
  return tasks;
}

/** What the tasks wrote when they last ran, by task. */
export function keptLogs(state: HotFile): Record<string, readonly LogPiece[]> {
  const logs = JSON.parse(state.section("logs")) as Record<string, readonly LogPiece[]>;
  return { ...logs, ...(state.since?.logs as typeof logs | undefined) };
}

function isSameCaller({ head }: HotFile, env: NodeJS.ProcessEnv, key: HotPlace["key"]): boolean {
  return (
    head.engine === version &&
    head.ownEnv === ownDigest(env, key) &&
    head.env.digest === countedDigest(env, head.env.patterns, key) &&
    head.nodePath === findOnPath("node", env["PATH"] ?? "")
  );
}

/** git rewrites its index when it only looks; then the names in it say whether anything came or went. */
function indexHolds(root: string, index: HotFacts["index"], env: NodeJS.ProcessEnv): boolean {
  return index === null || indexStat(index.path) === index.stat || namesInIndex(root, env) === index.names;
}

/** Plugins infer tasks from files that no task reads. */
function nxHolds(root: string, asked: HotFacts["askedNx"]): boolean {
  return !asked || (asked.state !== null && nxState({ root, imports: asked.imports }) === asked.state);
}

export function namesInIndex(root: string, env: NodeJS.ProcessEnv): string | null {
  const args = ["-c", "core.fsmonitor=false", "ls-files", "-z", "--stage"];
  const { status, stdout } = spawnSync("git", args, { cwd: root, env, maxBuffer: 1024 * 1024 * 1024 });
  if (status !== 0) return null;
  // Which bytes are staged is no matter; which commit a submodule is at is.
  const entries = stdout.toString("latin1").replaceAll(/(^|\0)10\d{4} [0-9a-f]+ /g, "$1");
  return hash("sha256", entries, "hex");
}
