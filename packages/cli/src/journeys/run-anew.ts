import type { ExitStatus, TaskId } from "@slipway/kernel";
import { planToJson, type RunPlan } from "@slipway/plan";
import { executeRun, type RecordedOutput, type RunEvent, type RunOptions } from "@slipway/run";
import type { PackageManager } from "@slipway/workspace";
import { join } from "node:path";
import type { HotRun } from "../hot/find-hot-run.ts";
import type { HotOutcome } from "../hot/hot-journey.ts";
import type { HotRequest } from "../hot/hot-request.ts";
import type { KnownRun } from "../hot/open-known-run.ts";
import { planText } from "../report/plan.ts";
import { recorder, together } from "../report/run/recorded-run.ts";
import { namedCacheDir, userCacheDir } from "../wire/cache-dir.ts";
import { loadForTasks, type WorkspaceForTasks } from "../wire/load-for-tasks.ts";
import { sharedCacheOf } from "../wire/open-store.ts";
import { RunHistory } from "../wire/run-history.ts";
import { openRunPorts, stateDirOf, type DiskRunPorts } from "../wire/run-ports.ts";
import { askedWords, planTasks, tellSource } from "./plan-tasks.ts";
import { runOptions } from "./run-options.ts";
import { runReporter } from "./run-reporter.ts";
import { cacheRulesOf, sharedCacheMissing } from "./run-settings.ts";
import type { Flags, RunContext } from "./run-context.ts";

/** A run from the words to the tasks' ends; what an earlier run of the same words left is used as far as it holds. */
export async function runAnew(
  flags: Flags,
  context: RunContext,
  { request, startedMs, known }: Start,
): Promise<ExitStatus> {
  const words = askedWords(flags, context);
  const still = known ? await stillKnown(known, context) : null;
  if (still) return carriedOut(still.start, flags, { ...context, request, startedMs, known: still.known });
  const said: string[] = [];
  const say = (line: string): void => {
    said.push(line);
    context.say(line);
  };
  const loaded = await loadForTasks(context, flags["tasks-from"]);
  const plan = await planTasks(words, flags, { ...context, say, ...loaded });
  if (flags.plan) {
    const { color } = context.terminal;
    context.answer(flags.json ? JSON.stringify(planToJson(plan), null, 2) : planText(plan, color));
    return 0;
  }
  tellSource(loaded, { say });
  const complaint = sharedCacheMissing(flags, sharedCacheOf(context.env) !== null);
  if (complaint !== null) say(complaint);
  const { root, workspace, files, askedNx } = loaded;
  const anchors = files.map((path) => join(root, path));
  const start = { root, plan, manager: workspace.manager, anchors, askedNx, said };
  return carriedOut(start, flags, { ...context, request, startedMs, known: null });
}

type Start = Extract<HotOutcome, { readonly kind: "run" }>;

/** All that is needed to carry out a plan and to keep what was seen. */
interface RunStart {
  readonly root: string;
  readonly plan: RunPlan;
  readonly manager: PackageManager;
  readonly anchors: readonly string[];
  readonly askedNx: WorkspaceForTasks["askedNx"];
  readonly said: readonly string[];
}

async function stillKnown(
  hot: HotRun,
  { env, say }: Pick<RunContext, "env" | "say">,
): Promise<{ readonly start: RunStart; readonly known: KnownRun } | null> {
  const { openKnownRun } = await import("../hot/open-known-run.ts");
  const known = openKnownRun(hot, env);
  if (!known) return null;
  const { head } = hot.state;
  const { said, askedNx } = hot.facts;
  for (const line of said) say(line);
  const anchors = head.anchors.map(([path]) => path);
  return {
    known,
    start: { root: head.root, plan: known.plan, manager: known.manager, anchors, askedNx, said },
  };
}

interface RunSurroundings extends RunContext {
  readonly request: HotRequest;
  readonly startedMs: number;
  readonly known: KnownRun | null;
}

async function carriedOut(start: RunStart, flags: Flags, around: RunSurroundings): Promise<ExitStatus> {
  const { root, plan, manager } = start;
  const { cwd, env, signal, known } = around;
  const options = {
    ...runOptions(flags, { root, manager, cwd, env, habits: known?.habits }),
    ...(known ? { untouched: (task: TaskId) => known.untouched(task) } : {}),
  };
  const startedAt = Date.now();
  const record = recorder(() => performance.now());
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
    const { exit } = await executeRun(plan, ports, options);
    if (exit === 0) await keepHot(start, ports, { ...around, ran: options, keptAt: history.pathOf(id) });
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
  }: RunSurroundings & { readonly ran: RunOptions; readonly keptAt: string },
): Promise<void> {
  const { keepHotRun } = await import("../hot/keep-hot-run.ts");
  const { platform } = processes;
  const restored = onlyRestored(records);
  // Their directories were changed a moment ago: within the same tick nobody could tell a later change.
  if (restored && restored.length > 0) await tree.settled();
  keepHotRun({
    ...start,
    request,
    startedMs,
    env,
    tree,
    platform,
    options: ran,
    keptAt,
    before: known?.hot ?? null,
    restored,
    task(id) {
      const now = records.seen.get(id);
      const seen = known?.seen(id);
      const inputs = now?.inputs ?? seen;
      if (now && inputs) {
        const { fingerprint, log, durationMs, outputs } = now.record;
        return { fingerprint, log, durationMs, seen: { ...inputs, outputs } };
      }
      const then = known?.untouched(id);
      return then && seen ? { ...then, seen } : undefined;
    },
  });
}

function onlyRestored({ seen }: DiskRunPorts["records"]): RecordedOutput[] | null {
  const all = [...seen.values()];
  return all.every(({ inputs }) => inputs === null) ? all.flatMap(({ record }) => record.outputs) : null;
}
