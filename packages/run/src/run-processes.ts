import type { PlannedTask } from "@slipway/plan";
import { binPath, commandLines, type CommandLine } from "./command-lines.ts";
import type { ScriptHabits } from "./script-habits.ts";
import { dotenvVariables } from "./dotenv.ts";
import { nameMatcher, taskEnvironment } from "./environment.ts";
import type { ProcessEnd, Processes, RunningProcess } from "./ports.ts";
import type { TaskFingerprint } from "./fingerprint-task.ts";
import { secretValues } from "./redact.ts";
import type { TaskSurroundings } from "./surroundings.ts";
import { within, withinVariable } from "./within.ts";

const fine: ProcessEnd = { exitCode: 0, signal: null, problem: null };

/** The processes of one task: those of a step side by side, the steps one after the other until one fails. */
export class TaskProcesses {
  readonly #processes: Processes;
  readonly #running = new Set<RunningProcess>();
  #stopped: "no" | "asked" | "killed" = "no";

  readonly #onEnded: () => void;
  #ended = false;

  /** @param onEnded called when the last process has ended: what is left of the task takes no place */
  constructor(processes: Processes, onEnded: () => void) {
    this.#processes = processes;
    this.#onEnded = onEnded;
  }

  /** True: it was asked to end, or killed. */
  get wasStopped(): boolean {
    return this.#stopped !== "no";
  }

  get ended(): boolean {
    return this.#ended;
  }

  async run(start: TaskStart): Promise<ProcessEnd> {
    const end = await this.#steps(start);
    this.#ended = true;
    this.#onEnded();
    return end;
  }

  async #steps(start: TaskStart): Promise<ProcessEnd> {
    for (const step of start.steps) {
      if (this.#stopped !== "no") return { exitCode: null, signal: "SIGINT", problem: null };
      const ends = await Promise.all(step.map((line) => this.#one(line, start)));
      const bad = ends.find(({ exitCode }) => exitCode !== 0);
      if (bad) return bad;
    }
    return fine;
  }

  stop(): void {
    if (this.#stopped === "no") this.#stopped = "asked";
    for (const process of this.#running) process.stop();
  }

  kill(): void {
    this.#stopped = "killed";
    for (const process of this.#running) process.kill();
  }

  async #one(line: CommandLine, start: TaskStart): Promise<ProcessEnd> {
    const { task, env, shell, onOutput } = start;
    const spec = {
      id: task.id,
      line: line.line,
      shell,
      dir: line.dir,
      env: { ...env, ...line.env },
      onOutput,
      ...(line.executor ? { executor: line.executor } : {}),
    };
    const process = this.#processes.start(spec);
    this.#running.add(process);
    const end = await process.ended;
    this.#running.delete(process);
    // The others of its step have no reason to go on when one of them failed.
    if (end.exitCode !== 0) for (const other of this.#running) other.stop();
    return end;
  }
}

export interface TaskStart {
  readonly task: PlannedTask;
  readonly steps: readonly (readonly CommandLine[])[];
  readonly env: Readonly<Record<string, string>>;
  readonly shell: string | null;
  readonly onOutput: (stream: 1 | 2, text: string) => void;
}

/** Everything a task is started with, from the caller's environment and the package manager's habits. */
export function taskStart(
  task: PlannedTask,
  known: Pick<TaskFingerprint, "scripts" | "manifest" | "digest" | "dotenv">,
  { plan, ports, options }: TaskSurroundings,
): Omit<TaskStart, "onOutput"> {
  const { tree, processes } = ports;
  const habits: ScriptHabits = options.habits;
  const declared = [
    ...plan.global.env,
    ...plan.global.passThroughEnv,
    ...task.env,
    ...task.passThroughEnv,
    ...task.inputSpec.env,
  ];
  const seen = taskEnvironment(processes.env, { mode: plan.envMode, declared });
  const { platform } = processes;
  const steps = commandLines(task, {
    habits,
    platform,
    root: tree.root,
    manifest: known.manifest ?? {},
    scripts: known.scripts,
  });
  return {
    task,
    steps,
    env: {
      ...seen,
      ...dotenvVariables(known.dotenv, seen),
      PATH: binPath(task.dir, tree.root, processes.env["PATH"] ?? ""),
      ...toolVariables(task, plan.source, { root: tree.root, digest: known.digest }),
      [withinVariable]: within(task.id, tree.root, processes.env),
    },
    shell: task.action?.kind === "script" ? habits.shell : null,
  };
}

/** Names that scripts look for to learn which task runs them. */
function toolVariables(
  task: PlannedTask,
  source: string,
  { root, digest }: { readonly root: string; readonly digest: string },
): Record<string, string> {
  if (source === "turbo") return { TURBO_HASH: digest.slice(0, 16) };
  if (source !== "nx") return {};
  return {
    NX_TASK_TARGET_PROJECT: task.project ?? task.package,
    LERNA_PACKAGE_NAME: task.project ?? task.package,
    NX_TASK_TARGET_TARGET: task.task,
    ...(task.configuration ? { NX_TASK_TARGET_CONFIGURATION: task.configuration } : {}),
    NX_TASK_HASH: digest,
    NX_WORKSPACE_ROOT: root,
  };
}

/** Values that nobody may keep: of the caller's variables, and of those that the task got from dotenv files. */
export function secretsOf(
  { task, env }: Pick<TaskStart, "task" | "env">,
  { plan, ports }: Pick<TaskSurroundings, "plan" | "ports">,
): readonly string[] {
  const caller = ports.processes.env;
  const { isPassed, secrets } = passedOn(caller, [...plan.global.passThroughEnv, ...task.passThroughEnv]);
  const own = Object.fromEntries(Object.entries(env).filter(([name, value]) => caller[name] !== value));
  return [...new Set([...secrets, ...secretValues(own, isPassed)])];
}

interface PassedOn {
  readonly isPassed: (name: string) => boolean;
  /** Of the caller's variables. */
  readonly secrets: readonly string[];
}

/** The same for most tasks of a run. */
function passedOn(env: Environment, patterns: readonly string[]): PassedOn {
  const known = knownPassed.get(env) ?? new Map<string, PassedOn>();
  knownPassed.set(env, known);
  const key = JSON.stringify(patterns);
  let passed = known.get(key);
  if (!passed) {
    const isPassed = nameMatcher(patterns);
    passed = { isPassed, secrets: secretValues(env, isPassed) };
    known.set(key, passed);
  }
  return passed;
}

const knownPassed = new WeakMap<Environment, Map<string, PassedOn>>();

type Environment = Readonly<Record<string, string>>;
