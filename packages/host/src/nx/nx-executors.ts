import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findOnPath } from "../process/find-on-path.ts";
import { Stopping } from "../process/stopping.ts";
import {
  decode,
  endOf,
  startTaskProcess,
  type TaskProcess,
  type TaskProcessEnd,
  type TaskProcessSpec,
} from "../process/task-process.ts";
import type { ExecutorCall, ExecutorOrder, ExecutorReport } from "./nx-executor-process.ts";

export interface ExecutorSpec extends TaskProcessSpec {
  readonly call: ExecutorCall;
}

export interface NxExecutorsOptions {
  /** Absolute root of the workspace. */
  readonly root: string;
  /** Absolute folder for nx's own data, outside of the work tree. */
  readonly dataDir: string;
  /** Whether that folder holds the project graph of this moment; else nx makes it when it is first needed. */
  graphIsKnown(): boolean;
}

/** A process that has grown beyond this takes no further task. */
const memoryBytesMax = 1024 ** 3;
/** How long the last output of a task is waited for when its end is known. */
const lastOutputMs = 1000;

/**
 * Runs tasks of executors by the repository's own nx. A process takes one task after the other, so that nx is loaded as
 * often as tasks run side by side, and not as often as there are tasks. What stands in `line` is started for a task when
 * this nx cannot be used so.
 */
export class NxExecutors {
  readonly #options: NxExecutorsOptions;
  readonly #idle: Worker[] = [];
  #unable = false;

  constructor(options: NxExecutorsOptions) {
    this.#options = options;
  }

  start(spec: ExecutorSpec): TaskProcess {
    const node = findOnPath("node", spec.env["PATH"] ?? "");
    if (this.#unable || node === null) return startTaskProcess(spec);
    const worker = this.#worker(node, spec.env);
    if (worker.pid !== null) spec.onStarted?.(worker.pid);
    let current: Pick<TaskProcess, "stop" | "kill"> = worker;
    const ended = worker.carryOut(this.#order(spec), spec.onOutput).then((end) => {
      if (end.kind === "unable") {
        this.#unable = true;
        const instead = startTaskProcess(spec);
        current = instead;
        return instead.ended;
      }
      if (end.isReady) this.#idle.push(worker);
      return end.end;
    });
    return { ended, stop: () => current.stop(), kill: () => current.kill() };
  }

  #order({ call, env }: ExecutorSpec): Omit<ExecutorOrder, "endMark"> {
    const { root } = this.#options;
    const graphIsKnown = this.#options.graphIsKnown();
    return { ...call, root, env: this.#environment(env), graphIsKnown };
  }

  /** Options of node itself hold from its start: only a process that has the same can take the task. */
  #worker(node: string, env: Readonly<Record<string, string>>): Worker {
    const nodeOptions = env["NODE_OPTIONS"] ?? "";
    const at = this.#idle.findIndex((each) => each.nodeOptions === nodeOptions && each.node === node);
    const [idle] = at === -1 ? [] : this.#idle.splice(at, 1);
    if (idle?.isAlive) return idle;
    return new Worker({ node, root: this.#options.root, env: this.#environment(env) });
  }

  /** What nx itself gives the processes that it starts for executors. */
  #environment(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return {
      ...env,
      NX_CLI_SET: "true",
      NX_FORKED_TASK_EXECUTOR: "true",
      NX_TUI: "false",
      NX_WORKSPACE_DATA_DIRECTORY: this.#options.dataDir,
    };
  }
}

type WorkerEnd =
  | { readonly kind: "ended"; readonly end: TaskProcessEnd; readonly isReady: boolean }
  | { readonly kind: "unable" };

interface WorkerSetup {
  readonly node: string;
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}

/** One process, from its first task to its last. While it has none, it keeps nobody waiting. */
class Worker {
  readonly node: string;
  readonly nodeOptions: string;
  readonly #child: ChildProcess;
  readonly #stopping: Stopping;
  readonly #gone: Promise<TaskProcessEnd>;
  readonly #outputs: readonly [MarkedOutput, MarkedOutput];

  constructor({ node, root, env }: WorkerSetup) {
    this.node = node;
    this.nodeOptions = env["NODE_OPTIONS"] ?? "";
    this.#child = spawn(...commandOf(node), {
      cwd: root,
      env: { ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#stopping = new Stopping(this.#child);
    this.#gone = endOf(this.#child, this.#stopping);
    this.#outputs = [new MarkedOutput(this.#child.stdout), new MarkedOutput(this.#child.stderr)];
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  get isAlive(): boolean {
    return this.#child.connected && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  stop(): void {
    this.#stopping.stop();
  }

  kill(): void {
    this.#stopping.kill();
  }

  async carryOut(
    order: Omit<ExecutorOrder, "endMark">,
    onOutput: TaskProcessSpec["onOutput"],
  ): Promise<WorkerEnd> {
    this.#hold(true);
    const endMark = `\0${randomUUID()}\0`;
    const [out, error] = this.#outputs;
    const last = Promise.all([
      out.until(endMark, (text) => onOutput(1, text)),
      error.until(endMark, (text) => onOutput(2, text)),
    ]);
    const report = await Promise.race([this.#reportOn({ ...order, endMark }), this.#gone]);
    if ("signal" in report) {
      for (const output of this.#outputs) output.flush();
      return { kind: "ended", end: report, isReady: false };
    }
    if (report.kind === "unable") {
      this.#child.disconnect();
      return report;
    }
    await withinTime(last, lastOutputMs);
    const isReady = report.memoryBytes <= memoryBytesMax && this.isAlive && !this.#stopping.isAsked;
    if (isReady) this.#hold(false);
    else if (this.#child.connected) this.#child.disconnect();
    await this.#stopping.finished();
    return { kind: "ended", end: { exitCode: report.exitCode, signal: null, problem: null }, isReady };
  }

  #reportOn(order: ExecutorOrder): Promise<ExecutorReport> {
    return new Promise((resolve) => {
      // Executors may send messages of their own.
      const take = (report: unknown): void => {
        if (!isReport(report)) return;
        this.#child.off("message", take);
        resolve(report);
      };
      this.#child.on("message", take);
      // A process that could not start says so by its end.
      this.#child.send(order, () => {});
    });
  }

  /** An idle process must not keep this one alive. */
  #hold(isHeld: boolean): void {
    const { stdout, stderr, channel } = this.#child;
    const method = isHeld ? "ref" : "unref";
    this.#child[method]();
    channel?.[method]();
    for (const stream of [stdout, stderr]) (stream as { ref?(): void; unref?(): void } | null)?.[method]?.();
  }
}

function isReport(value: unknown): value is ExecutorReport {
  const kind = (value as { readonly kind?: unknown } | null)?.kind;
  return kind === "ended" || kind === "unable";
}

/** From source the program is TypeScript, which only our own node is sure to read. */
function commandOf(node: string): [string, string[]] {
  const self = fileURLToPath(import.meta.url);
  const program = join(self, "..", `nx-executor-process${extname(self)}`);
  return [extname(self) === ".ts" ? process.execPath : node, [program]];
}

/** One stream of a process that works for one task after the other; a mark stands between their outputs. */
class MarkedOutput {
  #mark = "";
  #held = "";
  #take: (text: string) => void = () => {};
  #ended: () => void = () => {};

  constructor(stream: NodeJS.ReadableStream | null) {
    decode(stream, (text) => this.#add(text));
  }

  /** Hands on what comes until the mark does. */
  until(mark: string, take: (text: string) => void): Promise<void> {
    this.#mark = mark;
    this.#take = take;
    return new Promise((resolve) => {
      this.#ended = resolve;
    });
  }

  flush(): void {
    if (this.#held !== "") this.#take(this.#held);
    this.#held = "";
  }

  #add(text: string): void {
    const all = this.#held + text;
    const at = this.#mark === "" ? -1 : all.indexOf(this.#mark);
    if (at !== -1) {
      this.#held = all.slice(at + this.#mark.length);
      if (at > 0) this.#take(all.slice(0, at));
      this.#mark = "";
      this.#ended();
      return;
    }
    const from = beginningOfMark(all, this.#mark);
    this.#held = all.slice(from);
    if (from > 0) this.#take(all.slice(0, from));
  }
}

/** Where the text's end may be the beginning of the mark; its length when it cannot. */
function beginningOfMark(text: string, mark: string): number {
  for (let at = text.indexOf("\0", Math.max(0, text.length - mark.length)); at !== -1;) {
    if (mark.startsWith(text.slice(at))) return at;
    at = text.indexOf("\0", at + 1);
  }
  return text.length;
}

async function withinTime(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
