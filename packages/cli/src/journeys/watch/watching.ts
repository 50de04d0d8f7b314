import { findGitDirs, TreeWatcher } from "@slipway/host";
import { UserError, type TaskId } from "@slipway/kernel";
import type { RunPlan } from "@slipway/plan";
import { executeRun, type RunEvent, type RunSession } from "@slipway/run";
import { userErrorText } from "../../report-error.ts";
import type { Reporter } from "../../report/run/reporter.ts";
import { namedCacheDir } from "../../wire/cache-dir.ts";
import { configurationName } from "../../wire/configuration-name.ts";
import { loadForTasks, type WorkspaceForTasks } from "../../wire/load-for-tasks.ts";
import { openRunPorts, type DiskRunPorts } from "../../wire/run-ports.ts";
import { askedWords, planTasks, tellSource } from "../plan-tasks.ts";
import type { Flags, RunContext } from "../run-context.ts";
import { hasForeignModules } from "../foreign-modules.ts";
import { refuseSelfStart } from "../refuse-self-start.ts";
import { runOptions } from "../run-options.ts";
import { runReporter } from "../run-reporter.ts";
import { cacheRulesOf } from "../run-settings.ts";
import { Changes } from "./changes.ts";
import { quietRound } from "./quiet-round.ts";
import { foreignChanges, reachedTasks, type Watched } from "./triggers.ts";

/** So many rounds in a row may come from the same files, changed while tasks ran: then they chase their own tail. */
const chasesMax = 5;

/** A task's last write is told when the task has ended already. */
const lateMs = 100;

interface Loaded {
  readonly loaded: WorkspaceForTasks;
  readonly plan: RunPlan;
}

/** What a watched run knows between its rounds. */
export class Watching {
  readonly #flags: Flags;
  readonly #context: RunContext;
  readonly #changes = new Changes();
  readonly #session: RunSession;
  #watcher: TreeWatcher | null = null;
  #current: (Loaded & { ports: DiskRunPorts | null }) | null = null;
  /** For what servers write, also between rounds. */
  #lasting: Reporter | null = null;
  /** While a round runs. */
  #interrupt: ((ids: readonly TaskId[]) => void) | null = null;
  #rounds = 0;
  /** When the last round ended. */
  #endedMs = 0;
  #chases = 0;
  /** What the last round was made for. */
  #lastFiles: ReadonlySet<string> = new Set();
  #fault: { readonly error: unknown } | null = null;

  constructor(flags: Flags, context: RunContext) {
    this.#flags = flags;
    // A block that rewrites itself and servers that write between the rounds would get in each other's way.
    this.#context = { ...context, terminal: { ...context.terminal, live: false } };
    this.#session = this.#newSession();
  }

  get folders(): number {
    return this.#watcher?.size ?? 0;
  }

  /** @returns all tasks */
  async open(): Promise<readonly TaskId[]> {
    this.#current = { ...(await this.#load()), ports: null };
    const { plan, loaded } = this.#current;
    refuseSelfStart(plan.tasks, loaded.root, this.#context.env);
    tellSource(loaded, this.#context);
    return this.#allTasks();
  }

  async end(): Promise<void> {
    this.#watcher?.close();
    const serving = [...this.#session.serving.values()];
    for (const server of serving) server.stop();
    await Promise.all(serving.map(({ ended }) => ended));
    this.#lasting?.end();
  }

  async round(ids: readonly TaskId[]): Promise<void> {
    if (!this.#current) return;
    const { plan: all, loaded } = this.#current;
    const kept = await this.#replaceServers(new Set(ids), all);
    const plan = { ...all, tasks: all.tasks.filter(({ id }) => kept.has(id)) };
    const shown = runReporter(plan.tasks, this.#flags, this.#context);
    const reporter = this.#rounds++ === 0 || this.#flags.json ? shown : quietRound(shown);
    this.#lasting ??= runReporter(all.tasks, this.#flags, this.#context);
    const ports = await this.#openPorts(this.#current, this.#reportTo(reporter, all));
    this.#current.ports = ports;
    this.#watch(loaded.root, ports);
    const { manager } = loaded.workspace;
    const { root } = loaded;
    const options = runOptions(this.#flags, { ...this.#context, root, manager, plan });
    const foreignModules = hasForeignModules({ root, manager, say: this.#context.say });
    try {
      await executeRun(plan, ports, { ...options, foreignModules, session: this.#session });
    } finally {
      this.#interrupt = null;
      this.#endedMs = Date.now();
      reporter.end();
    }
    // Files that git ignores and that a task names stand in directories that are in no list.
    const dirs = [...ports.records.seen.values()].flatMap(({ inputs }) => [...(inputs?.dirs ?? [])]);
    this.#watcher?.add(dirs.filter((dir) => !/(?:^|\/)node_modules(?:\/|$)/.test(dir)));
  }

  /** What has to run next, as soon as something does; null when the end was asked for. */
  async nextTasks(): Promise<readonly TaskId[] | null> {
    for (;;) {
      const change = await this.#changes.next(this.#context.signal);
      if (this.#fault) throw this.#fault.error;
      const watched = this.#watched();
      if (!change || !watched) return null;
      const files = foreignChanges(change, watched);
      if (files.some((path) => configurationName.test(path.slice(path.lastIndexOf("/") + 1)))) {
        if (await this.#planAgain(files)) return this.#allTasks();
        continue;
      }
      const reached = reachedTasks(files, watched, this.#session.failed);
      const ids = reached.filter((id) => !this.#looksAfterItself(id));
      if (ids.length === 0 || this.#isChase(files, change.during)) continue;
      this.#context.say(changedLine(files));
      return ids;
    }
  }

  #newSession(): RunSession {
    const session: RunSession = {
      facts: new Map(),
      failed: new Set(),
      done: new Map(),
      serving: new Map(),
      onServedEnd: (ended) => {
        session.serving.delete(ended.id);
        if (ended.status === "failed") session.failed.add(ended.id);
        this.#lasting?.event(ended);
      },
      onRun: (interrupt) => {
        this.#interrupt = interrupt;
      },
    };
    return session;
  }

  #allTasks(): readonly TaskId[] {
    return this.#current?.plan.tasks.map(({ id }) => id) ?? [];
  }

  async #load(): Promise<Loaded> {
    const words = askedWords(this.#flags, this.#context);
    const loaded = await loadForTasks(this.#context, this.#flags);
    return { loaded, plan: await planTasks(words, this.#flags, { ...this.#context, ...loaded }) };
  }

  #reportTo(round: Reporter, plan: RunPlan): (event: RunEvent) => void {
    const persistent = new Set(plan.tasks.filter((task) => task.persistent).map(({ id }) => id));
    return (event) => {
      const lasts = event.type === "output" && persistent.has(event.id);
      (lasts ? this.#lasting : round)?.event(event);
    };
  }

  #openPorts({ loaded, plan }: Loaded, report: (event: RunEvent) => void): Promise<DiskRunPorts> {
    const { cwd, env, signal } = this.#context;
    const { root, workspace, askedNx } = loaded;
    const cacheDir = namedCacheDir(this.#flags["cache-dir"], cwd);
    const access = cacheRulesOf(this.#flags);
    const nxState = askedNx?.state ?? null;
    const { manager } = workspace;
    return openRunPorts({ root, cwd, env, manager, plan, cacheDir, signal, access, nxState, report });
  }

  #watch(root: string, { tree }: DiskRunPorts): void {
    this.#watcher ??= new TreeWatcher({
      root,
      gitDir: findGitDirs(root)?.gitDir ?? null,
      wants: (dir) => !this.#current?.ports?.tree.listing.ignores(dir),
      onChanges: (atMs) => {
        const isDuring = (ms: number): boolean => this.#interrupt !== null || ms < this.#endedMs + lateMs;
        const during = [...atMs].filter(([, ms]) => isDuring(ms)).map(([path]) => path);
        this.#changes.add(atMs.keys(), during);
        this.#interruptOutdated(new Set(atMs.keys()));
      },
      onFault: (error) => {
        this.#fault ??= { error };
        this.#changes.add([""], []);
      },
    });
    this.#watcher.add(tree.listing.dirs.keys());
  }

  /** Tasks that may be interrupted and whose inputs changed end at once; the others run to their end, and then again. */
  #interruptOutdated(paths: ReadonlySet<string>): void {
    const watched = this.#watched();
    if (!this.#interrupt || !watched?.plan.tasks.some((task) => task.interruptible)) return;
    const files = foreignChanges({ paths, during: paths }, watched);
    const reached = new Set(reachedTasks(files, watched, new Set()));
    const outdated = watched.plan.tasks.filter((task) => task.interruptible && reached.has(task.id));
    this.#interrupt(outdated.map(({ id }) => id));
  }

  #watched(): Watched | null {
    if (!this.#current?.ports) return null;
    const { ports, plan, loaded } = this.#current;
    return { workspace: loaded.workspace, plan, ports };
  }

  /** False: the files that say what the tasks are have a fault now; they will change again. */
  async #planAgain(files: readonly string[]): Promise<boolean> {
    this.#context.say(`${changedLine(files)}; planning anew`);
    try {
      this.#current = { ...(await this.#load()), ports: this.#current?.ports ?? null };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#context.say(userErrorText(error));
      return false;
    }
    this.#chases = 0;
    return true;
  }

  #isChase(files: readonly string[], during: ReadonlySet<string>): boolean {
    const isOwnDoing = files.every((path) => during.has(path));
    const isSame = files.every((path) => this.#lastFiles.has(path));
    this.#chases = isOwnDoing ? (isSame ? this.#chases + 1 : 1) : 0;
    this.#lastFiles = new Set(files);
    if (this.#chases <= chasesMax) return false;
    const message = `${changedLine(files)} whenever tasks run; they run again when something else changes`;
    const hint = "declare what a task writes as its output, or take it out of the inputs";
    this.#context.say(`${message}\n  hint: ${hint}`);
    return true;
  }

  /** A server that runs and may not be interrupted. */
  #looksAfterItself(id: TaskId): boolean {
    return this.#session.serving.get(id)?.task.interruptible === false;
  }

  /**
   * A server whose inputs changed is started anew if it may be interrupted; else it is left alone, since it looks after
   * its own files. One that is not planned any more ends.
   *
   * @returns what has to run
   */
  async #replaceServers(ids: ReadonlySet<TaskId>, plan: RunPlan): Promise<ReadonlySet<TaskId>> {
    const kept = new Set(ids);
    const planned = new Map(plan.tasks.map((task) => [task.id, task]));
    for (const [id, server] of this.#session.serving) {
      const task = planned.get(id);
      if (task && !ids.has(id)) continue;
      if (task && this.#looksAfterItself(id)) kept.delete(id);
      else {
        server.stop();
        await server.ended;
      }
    }
    return kept;
  }
}

function changedLine(files: readonly string[]): string {
  const [first = "", ...rest] = files;
  return rest.length === 0 ? `${first} changed` : `${first} and ${rest.length} more changed`;
}
