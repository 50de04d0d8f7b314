import {
  answerOfLine,
  availableBytes,
  awaitReadiness,
  callerPlatform,
  DiskTree,
  findGitDirs,
  holdsNxGraph,
  MachineKey,
  NxExecutors,
  RunRecords,
  type RestoreThread,
  startTaskProcess,
  takenPort,
  TaskLocks,
  TaskMemory,
  TaskSpawner,
  type InputMarks,
  type TaskProcess,
} from "@slipway/host";
import { sha256, type TaskId } from "@slipway/kernel";
import type { RunPlan } from "@slipway/plan";
import type { Platform, Processes, RunEvent, RunPorts, Stop, TaskRecord } from "@slipway/run";
import type { PackageManager } from "@slipway/workspace";
import { storeDirOf, userCacheDir } from "./cache-dir.ts";
import { openStore, type CacheRules } from "./open-store.ts";
import { trustDomainOf } from "./trust-domain.ts";

export interface RunSetting {
  /** Absolute root of the workspace. */
  readonly root: string;
  /** Absolute directory that the user stands in. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly manager: PackageManager;
  readonly plan: RunPlan;
  /** `--cache-dir`; null takes the environment's or the user's. */
  readonly cacheDir: string | null;
  readonly signal: AbortSignal;
  /** What may be read and written where; missing: all on this machine, and nothing of a shared cache. */
  readonly access?: CacheRules;
  readonly report: (event: RunEvent) => void;
  /** What nx was asked about when the plan was made; its executors use its answer as long as that is the last one. */
  readonly nxState?: string | null;
}

/** The ports with what only this machine has, for those who keep what a run has seen. */
export interface DiskRunPorts extends RunPorts {
  readonly tree: DiskTree;
  readonly records: RunRecords<TaskRecord, InputMarks>;
}

/** What is known from an earlier run that has just been seen to hold. */
export interface KnownWorld {
  readonly tree: DiskTree;
  readonly platform: Platform;
  /** Where so much is gone that it is put back on two threads. */
  readonly restoring?: RestoreThread | null;
}

/** A run's ports on this machine: work tree, store, records of this work tree, processes. */
export async function openRunPorts(setting: RunSetting, known?: KnownWorld): Promise<DiskRunPorts> {
  const { root, env, plan, report } = setting;
  const cacheDir = setting.cacheDir ?? userCacheDir(env);
  const stateDir = stateDirOf(root, cacheDir);
  const held = new TaskMemory();
  const locks = new TaskLocks(`${stateDir}/running`);
  const tree =
    known?.tree ??
    (await DiskTree.open(root, env, { outputs: outputDirs(plan), tasks: plan.tasks.map(({ dir }) => dir) }));
  const place = { dir: storeDirOf(cacheDir), root, stagingDir: `${stateDir}/staging` };
  const ahead = known?.restoring?.into<TaskId>({ ...place, locksDir: locks.dir });
  return {
    tree,
    store: openStore(place, setting),
    ...(ahead ? { ahead } : {}),
    records: new RunRecords<TaskRecord, InputMarks>(`${stateDir}/records`),
    processes: processesOf(setting, { stateDir, held, locks, platform: known?.platform }),
    readiness: { await: (asked) => awaitReadiness(asked, root), taken: takenPort },
    memory: { available: availableBytes, heldBy: (id) => held.heldBy(id) },
    clock: { now: () => Date.now() },
    stop: stopOf(setting.signal),
    locks,
    report,
    keyedDigest: keyedDigestIn(root, cacheDir),
  };
}

/** With a key of this repository on this machine, beside what is kept of its work trees. */
function keyedDigestIn(root: string, cacheDir: string): RunPorts["keyedDigest"] {
  const key = new MachineKey(`${findGitDirs(root)?.commonDir ?? cacheDir}/slipway/key`);
  return (secret) => key.digest(secret);
}

/** Of one work tree: in the repository's common directory, so that nothing lands in the tree. */
export function stateDirOf(root: string, cacheDir: string): string {
  const holder = findGitDirs(root)?.commonDir;
  const name = sha256(root).slice(0, 16);
  return holder === undefined ? `${cacheDir}/state/${name}` : `${holder}/slipway/trees/${name}`;
}

function outputDirs(plan: RunPlan): string[] {
  const globs = plan.tasks.flatMap(({ cache, outputSpec }) => (cache ? outputSpec.include : []));
  const dirs = globs
    .map((glob) => glob.replace(/\/?\*\*?(?:\/\*)?$/, ""))
    .filter((dir) => !/[*?[\]{}()!]/.test(dir));
  return [...new Set(dirs)].filter((dir) => dir !== "").toSorted();
}

interface Machine {
  readonly stateDir: string;
  readonly held: TaskMemory;
  readonly locks: TaskLocks;
  readonly platform: Platform | undefined;
}

function processesOf(setting: RunSetting, { stateDir, held, locks, platform }: Machine): Processes {
  endWithThisProcess();
  const { root, nxState } = setting;
  const env = definedIn(setting.env);
  const dataDir = nxDataDirOf(stateDir, env);
  const graphIsKnown = (): boolean => typeof nxState === "string" && holdsNxGraph(dataDir, nxState);
  const executors = new NxExecutors({ root, dataDir, graphIsKnown });
  const spawner = new TaskSpawner(`${stateDir}/pipes-${process.pid}`);
  return {
    env,
    platform: platform ?? callerPlatform(env, root),
    answerOf: (line) => answerOfLine(line, { env, cwd: root }),
    close: () => spawner.close(),
    start: ({ dir, executor, ...rest }) => {
      const { id } = rest;
      const pids = new Set<number>();
      const onStarted = (pid: number): void => {
        pids.add(pid);
        held.track(id, pid);
      };
      const spec = { ...rest, cwd: dir === "" ? root : `${root}/${dir}`, onStarted };
      const direct = {
        ...spec,
        onStarted: (pid: number) => {
          locks.started(id, pid);
          onStarted(pid);
        },
      };
      const started = executor
        ? executors.start({ ...direct, call: executor })
        : (spawner.start({ ...spec, lockFile: locks.fileOf(id) }) ?? startTaskProcess(direct));
      alive.add(started);
      void started.ended.finally(() => {
        alive.delete(started);
        for (const pid of pids) held.untrack(pid);
      });
      return started;
    },
  };
}

/** The data of the repository's own nx, away from the work tree; what jobs of one trust domain lay there no other reads. */
export function nxDataDirOf(stateDir: string, env: RunSetting["env"]): string {
  return `${stateDir}/nx/${sha256(trustDomainOf(env)).slice(0, 8)}`;
}

const alive = new Set<TaskProcess>();

/** When this process must end at once, what it started ends with it. */
function endWithThisProcess(): void {
  process.removeListener("exit", killAlive);
  process.once("exit", killAlive);
}

function killAlive(): void {
  for (const started of alive) started.kill();
}

function stopOf(signal: AbortSignal): Stop {
  return {
    get requested() {
      return signal.aborted;
    },
    onRequest(listener) {
      signal.addEventListener("abort", listener);
      return () => signal.removeEventListener("abort", listener);
    },
  };
}

function definedIn(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
