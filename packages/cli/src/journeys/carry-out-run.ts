import type { ExitStatus, TaskId } from "@slipway/kernel";
import type { RunPlan } from "@slipway/plan";
import { executeRun, type RecordedOutput, type RunEvent, type RunOptions } from "@slipway/run";
import type { PackageManager } from "@slipway/workspace";
import type { HotRequest } from "../hot/hot-request.ts";
import type { KnownRun } from "../hot/open-known-run.ts";
import type { RanHot, SeenTask } from "../hot/ran-hot.ts";
import { recorder, together } from "../report/run/recorded-run.ts";
import { namedCacheDir, userCacheDir } from "../wire/cache-dir.ts";
import type { WorkspaceForTasks } from "../wire/load-for-tasks.ts";
import { RunHistory } from "../wire/run-history.ts";
import { openRunPorts, stateDirOf, type DiskRunPorts } from "../wire/run-ports.ts";
import type { Flags, RunContext } from "./run-context.ts";
import { hasForeignModules } from "./foreign-modules.ts";
import { runReporter } from "./run-reporter.ts";
import { refuseSelfStart } from "./refuse-self-start.ts";
import { runOptions } from "./run-options.ts";
import { cacheRulesOf } from "./run-settings.ts";
import { sinceStartMs } from "../since-start.ts";

/** All that is needed to carry out a plan and to keep what was seen. */
export interface RunStart {
  readonly root: string;
  readonly plan: RunPlan;
  readonly manager: PackageManager;
  readonly anchors: readonly string[];
  readonly askedNx: WorkspaceForTasks["askedNx"];
  readonly said: readonly string[];
}

export interface RunSurroundings extends RunContext {
  readonly request: HotRequest;
  readonly startedMs: number;
  readonly known: KnownRun | null;
}

/** Runs the tasks of a plan, tells what happens, and keeps what the next run and `--last` want to know. */
export async function carryOutRun(
  start: RunStart,
  flags: Flags,
  around: RunSurroundings,
): Promise<ExitStatus> {
  const { root, plan, manager } = start;
  const { cwd, env, signal, known } = around;
  refuseSelfStart(plan.tasks, root, env);
  const foreignModules = hasForeignModules({ root, manager, say: around.say });
  const options = {
    ...runOptions(flags, { root, manager, plan, cwd, env, habits: known?.habits }),
    foreignModules,
    ...(known ? { untouched: (task: TaskId) => known.untouched(task) } : {}),
  };
  const startedAt = Date.now();
  const record = recorder(sinceStartMs);
  const reporter = together([record, runReporter(plan.tasks, flags, around)]);
  const cacheDir = namedCacheDir(flags["cache-dir"], cwd) ?? userCacheDir(env);
  const history = new RunHistory(stateDirOf(root, cacheDir));
  const id = history.newId(startedAt);
  let ports: DiskRunPorts | null = null;
  try {
    const nxState = start.askedNx?.state ?? null;
    const access = cacheRulesOf(flags);
    const setting = { root, cwd, env, manager, plan, cacheDir, signal, access, nxState };
    const report = (event: RunEvent): void => reporter.event(event);
    ports = await openRunPorts({ ...setting, report }, known ?? undefined);
    const conceal = (secrets: readonly string[]): void => record.conceal(secrets);
    const { exit } = await executeRun(plan, { ...ports, conceal }, options);
    if (exit === 0 && !foreignModules)
      await keepHot(start, ports, { ...around, ran: options, keptAt: history.pathOf(id) });
    return exit;
  } finally {
    reporter.end();
    const needs = Object.fromEntries(plan.tasks.map((task) => [task.id, task.needs]));
    const run = {
      schema: 1 as const,
      startedAt,
      words: around.positionals,
      needs,
      events: record.recorded(),
    };
    history.keep(id, run, ports?.records.superseded ?? new Map());
    if (flags.trace !== undefined || flags.otlp !== undefined || flags.summary) {
      const { drawRun } = await import("./draw-run.ts");
      await drawRun(run, flags, around);
    }
    const { careDaily } = await import("./care-for-cache.ts");
    careDaily(cacheDir, around);
  }
}

/** For the next run of these words. */
async function keepHot(
  start: RunStart,
  { tree, records, processes }: DiskRunPorts,
  {
    request,
    startedMs,
    known,
    env,
    ran,
    keptAt,
    say,
  }: RunSurroundings & { readonly ran: RunOptions; readonly keptAt: string },
): Promise<void> {
  const { keepHotRun } = await import("../hot/keep-hot-run.ts");
  const { platform } = processes;
  const fault = keepHotRun({
    ...start,
    request,
    startedMs,
    env,
    tree,
    platform,
    options: ran,
    keptAt,
    before: known,
    ...seenIn(records),
  });
  if (fault !== null)
    say(`slipway could not keep what this run found, so the next one looks at all of it: ${fault}`);
}

function seenIn({ seen }: DiskRunPorts["records"]): Pick<RanHot, "looked" | "restored"> {
  const looked = new Map<string, SeenTask>();
  const restored = new Map<string, readonly RecordedOutput[]>();
  for (const [id, { record, inputs }] of seen) {
    const { fingerprint, log, durationMs, outputs } = record;
    if (inputs) looked.set(id, { fingerprint, log, durationMs, seen: { ...inputs, outputs } });
    else restored.set(id, outputs);
  }
  return { looked, restored };
}
