import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import type { Socket } from "node:net";
import { ChangedEnvironment } from "./changed-environment.ts";
import { OutputPipes } from "./output-pipes.ts";
import { PlainWords } from "./plain-words.ts";
import { SpawnedTask } from "./spawned-task.ts";
import { spawnerScript } from "./spawner-script.ts";
import type { TaskProcess, TaskProcessSpec } from "./task-process.ts";

export interface SpawnedSpec extends TaskProcessSpec {
  /** A file that names the processes of the task, where there is one: the started one is added before it does anything. */
  readonly lockFile: string | null;
}

const perl = "/usr/bin/perl";

/** So many are started directly before a helper is worth its own start. */
const directStarts = 4;

/** Of pipes: so many tasks may run by a helper at a time, and more are started directly. */
const pairs = 32;

/** Source: linux, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h. */
const systemCalls: Readonly<Record<string, readonly [setsid: number, mknodat: number, dup3: number]>> = {
  x64: [112, 259, 292],
  arm64: [157, 33, 24],
};

/**
 * Starts many tasks: a fork copies the tables of all memory of the process that forks, and Node's is large when a thousand
 * tasks are known. So a small helper forks, where there is one (Perl, on Linux). For a task that is the same as to be started
 * directly: its session, environment, directory and streams.
 */
export class TaskSpawner {
  readonly #dir: string;
  #starts = 0;
  #helper: Helper | null = null;

  /** @param dir absolute, of this process alone: where the pipes stand while there is a helper */
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Null: it is to be started directly. */
  start(spec: SpawnedSpec): TaskProcess | null {
    if (++this.#starts > directStarts) this.#helper ??= Helper.open(this.#dir);
    return this.#helper?.start(spec) ?? null;
  }

  /** Ends the helper when nothing is to be started any more. */
  async close(): Promise<void> {
    const helper = this.#helper;
    this.#helper = null;
    this.#starts = 0;
    await helper?.close();
  }
}

class Helper {
  readonly #child: ChildProcess;
  readonly #tasks = new Map<string, SpawnedTask>();
  readonly #gone: Promise<void>;
  readonly #words = new PlainWords();
  #environment: ChangedEnvironment | null = null;
  #isReady = false;
  #nextId = 0;
  #unfinishedLine = "";
  /** By the name that the helper knows them by. */
  readonly #pipes = new Map<number, OutputPipes>();
  /** Those that nobody writes into. */
  readonly #free: number[];

  static open(dir: string): Helper | null {
    const calls = process.platform === "linux" ? systemCalls[process.arch] : undefined;
    return calls && existsSync(perl) ? new Helper(dir, calls) : null;
  }

  private constructor(dir: string, calls: readonly number[]) {
    this.#free = Array.from({ length: pairs }, (_, at) => at + 1);
    for (const pair of this.#free) this.#pipes.set(pair, new OutputPipes(`${dir}/${pair}`));
    const args = ["-e", spawnerScript, ...calls.map(String), dir, String(pairs)];
    // Of its own session, so that what is sent to the terminal's processes does not reach it.
    this.#child = spawn(perl, args, { env: {}, detached: true, stdio: ["pipe", "pipe", "ignore"] });
    this.#child.stdout?.setEncoding("latin1").on("data", (text: string) => this.#hear(text));
    this.#child.stdin?.on("error", () => {});
    this.#gone = new Promise((resolve) => {
      for (const event of ["error", "close"]) this.#child.once(event, () => resolve());
    });
    void this.#gone.then(() => this.#lost());
    this.#keepsAwake(false);
  }

  start(spec: SpawnedSpec): TaskProcess | null {
    const pair = this.#isReady ? this.#free.pop() : undefined;
    const pipes = pair === undefined ? undefined : this.#pipes.get(pair);
    if (pair === undefined || !pipes) return null;
    if (!pipes.open()) {
      this.#free.push(pair);
      return null;
    }
    const id = String(++this.#nextId);
    const task = new SpawnedTask(spec, pipes, () => void this.#free.push(pair));
    this.#tasks.set(id, task);
    this.#keepsAwake(true);
    const words = this.#words.in(spec) ?? [];
    const env = this.#changes(spec.env, { asShell: words.length > 0 });
    const place = [id, pair, spec.lockFile ?? "", spec.cwd, spec.shell ?? "sh", spec.line];
    this.#send([...place, words.length, ...words, ...env]);
    return task;
  }

  async close(): Promise<void> {
    this.#isReady = false;
    this.#keepsAwake(true);
    this.#child.stdin?.end();
    await this.#gone;
  }

  #changes(env: Environment, how: { readonly asShell: boolean }): readonly string[] {
    if (!this.#environment) {
      this.#environment = new ChangedEnvironment(env);
      this.#send(this.#environment.base);
    }
    return this.#environment.changes(env, how);
  }

  #send(fields: readonly (string | number)[]): void {
    const frame = Buffer.from(`0000${fields.join("\0")}`);
    frame.writeUInt32BE(frame.length - 4);
    this.#child.stdin?.write(frame);
  }

  #hear(text: string): void {
    const lines = `${this.#unfinishedLine}${text}`.split("\n");
    this.#unfinishedLine = lines.pop() ?? "";
    const started = lines.flatMap((line) => this.#told(line.split(" ")) ?? []);
    // Those that have not ended by now.
    for (const id of started) this.#tasks.get(id)?.listen();
  }

  /** @returns the task, when it is told that it has started */
  #told([word, id = "", first = "", second]: readonly string[]): string | null {
    if (word === "R") this.#isReady = true;
    const task = this.#tasks.get(id);
    if (word === "S") task?.onStarted(Number(first));
    if (word === "F") task?.onProblem(Number(first));
    if (word !== "E") return word === "S" ? id : null;
    task?.onEnded(Number(first), Number(second));
    this.#tasks.delete(id);
    if (this.#tasks.size === 0) this.#keepsAwake(false);
    return null;
  }

  #lost(): void {
    this.#isReady = false;
    for (const task of this.#tasks.values()) task.onLost();
    this.#tasks.clear();
    for (const pair of this.#free) this.#pipes.get(pair)?.close();
  }

  /** Only a helper that has tasks keeps this process from ending. */
  #keepsAwake(does: boolean): void {
    const { stdin, stdout } = this.#child as {
      readonly stdin: Socket | null;
      readonly stdout: Socket | null;
    };
    for (const one of [this.#child, stdin, stdout]) {
      if (does) one?.ref();
      else one?.unref();
    }
  }
}

type Environment = SpawnedSpec["env"];
