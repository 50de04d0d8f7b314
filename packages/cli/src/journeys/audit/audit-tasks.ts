import { lookAtTree, readFilesOf, tracedLine, tracingProblem, writtenBetween } from "@slipway/host";
import type { ExitStatus, TaskId } from "@slipway/kernel";
import type { PlannedTask, RunPlan } from "@slipway/plan";
import { auditTask, executeRun, type RunEvent, type RunPorts, type SeenTask } from "@slipway/run";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditText } from "../../report/audit.ts";
import { namedCacheDir } from "../../wire/cache-dir.ts";
import { loadForTasks } from "../../wire/load-for-tasks.ts";
import { openRunPorts, type DiskRunPorts } from "../../wire/run-ports.ts";
import { askedWords, planTasks } from "../plan-tasks.ts";
import type { Flags, RunContext } from "../run-context.ts";
import { runOptions } from "../run-options.ts";
import { runReporter } from "../run-reporter.ts";
import { cacheRulesOf } from "../run-settings.ts";
import { checkSingleMode } from "../single-mode.ts";

/**
 * `slipway run TASK --audit`: runs every task, one at a time and without reading the cache, looks at what each reads and
 * writes, and names what its configuration lacks.
 *
 * @returns 1 when something is missing or a task failed
 */
export async function auditTasks(flags: Flags, context: RunContext): Promise<ExitStatus> {
  checkSingleMode("audit", flags);
  const { cwd, env, signal } = context;
  const words = askedWords(flags, context);
  const loaded = await loadForTasks(context, flags);
  const { root, workspace, askedNx } = loaded;
  const plan = await planTasks(words, flags, { ...context, ...loaded });
  const reporter = runReporter(plan.tasks, flags, context);
  const problem = tracingProblem(env);
  if (problem !== null) context.say(`what tasks read is not audited: ${problem}`);
  const traceDir = mkdtempSync(join(tmpdir(), "slipway-audit-"));
  const audit = new Audit(plan, { root, traceDir: problem === null ? traceDir : null });
  try {
    const report = (event: RunEvent): void => {
      audit.event(event);
      reporter.event(event);
    };
    const { manager } = workspace;
    const cacheDir = namedCacheDir(flags["cache-dir"], cwd);
    const access = cacheRulesOf(flags);
    const nxState = askedNx?.state ?? null;
    const setting = { root, cwd, env, manager, plan, cacheDir, signal, access, nxState, report };
    const ports = audit.traced(await openRunPorts(setting));
    const options = runOptions(flags, { root, manager, plan, cwd, env });
    const cache = { ...options.cache, read: false };
    const { exit } = await executeRun(plan, ports, { ...options, cache, concurrency: 1 });
    if (exit === 130) return exit;
    const audited = audit.judge();
    const facts = { plan, traced: problem === null, sources: loaded.workspace.tasks.rules };
    if (flags.json) context.answer(JSON.stringify({ type: "audit", traced: facts.traced, tasks: audited }));
    else context.answer(auditText(audited, facts, context.terminal.color));
    const isClean = audited.every((one) => !one.uncounted && !one.undeclared);
    return exit === 0 && !isClean ? 1 : exit;
  } finally {
    reporter.end();
    rmSync(traceDir, { recursive: true, force: true });
  }
}

class Audit {
  readonly #plan: RunPlan;
  readonly #root: string;
  /** With links resolved, as the kernel names files. */
  readonly #realRoot: string;
  readonly #traceDir: string | null;
  readonly #traces = new Map<TaskId, string[]>();
  readonly #seen = new Map<TaskId, Omit<SeenTask, "counted">>();
  readonly #tasks: ReadonlyMap<TaskId, PlannedTask>;
  #records: DiskRunPorts["records"] | null = null;
  #look: ReturnType<typeof lookAtTree>;

  constructor(
    plan: RunPlan,
    { root, traceDir }: { readonly root: string; readonly traceDir: string | null },
  ) {
    this.#plan = plan;
    this.#root = root;
    this.#realRoot = realpathSync(root);
    this.#traceDir = traceDir;
    this.#tasks = new Map(plan.tasks.map((task) => [task.id, task]));
    this.#look = lookAtTree(root);
  }

  traced(ports: DiskRunPorts): RunPorts {
    this.#records = ports.records;
    const { processes } = ports;
    const dir = this.#traceDir;
    if (dir === null) return ports;
    return {
      ...ports,
      processes: {
        env: processes.env,
        platform: processes.platform,
        answerOf: (line) => processes.answerOf(line),
        start: (spec) => {
          // What nx does in processes of its own is not seen.
          if (spec.executor) return processes.start(spec);
          const files = this.#traces.get(spec.id) ?? [];
          this.#traces.set(spec.id, files);
          files.push(join(dir, `${this.#traces.size}-${files.length}`));
          const line = tracedLine(spec.line, spec.shell, files.at(-1) ?? "");
          // io_uring would read files without a call that can be seen.
          return processes.start({ ...spec, line, shell: null, env: { ...spec.env, UV_USE_IO_URING: "0" } });
        },
      },
    };
  }

  event(event: RunEvent): void {
    // What servers wrote before is not this task's doing.
    if (event.type === "start") this.#look = lookAtTree(this.#root);
    if (event.type !== "task" || event.cache === "hit" || event.status === "skipped") return;
    const task = this.#tasks.get(event.id);
    const before = this.#look;
    this.#look = lookAtTree(this.#root);
    if (!task) return;
    const traces = this.#traces.get(event.id);
    // Folders are opened to be listed, and a file that was there only meanwhile is nobody's input.
    const isFile = (path: string): boolean => before.has(path) || this.#look.has(path);
    const opened = traces && new Set(traces.flatMap((file) => this.#readsIn(file)));
    const reads = opened ? [...opened].filter(isFile) : null;
    this.#seen.set(event.id, { task, reads, writes: writtenBetween(before, this.#look) });
  }

  /** Of the tasks that are cached: of all others nothing is ever brought back. */
  judge(): ReturnType<typeof auditTask>[] {
    const seen = new Map<TaskId, SeenTask>();
    for (const task of this.#plan.tasks) {
      const marks = this.#records?.seen.get(task.id)?.inputs?.marks;
      // A package without the script runs nothing, and its files count all the same for what needs it.
      const ran = this.#seen.get(task.id) ?? (marks ? { task, reads: null, writes: [] } : null);
      if (ran) seen.set(task.id, { ...ran, counted: new Set(Object.keys(marks ?? {})) });
    }
    return [...seen.values()]
      .filter(({ task }) => this.#seen.has(task.id) && task.cache && !task.persistent)
      .map((one) => auditTask(one, this.#plan, seen));
  }

  #readsIn(file: string): string[] {
    const prefix = `${this.#realRoot}/`;
    return [...readFilesOf(file)].flatMap((path) =>
      path.startsWith(prefix) ? [path.slice(prefix.length)] : [],
    );
  }
}
