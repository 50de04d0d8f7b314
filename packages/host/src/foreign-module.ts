import { fork, type ChildProcess } from "node:child_process";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type * as prettier from "./prettier-module.ts";
import type { ForeignCall, ForeignOrder, ForeignReport } from "./foreign-module-process.ts";

export interface ForeignModuleOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds that it may go without any answer while one is due. */
  readonly answerMs: number;
}

/** What a function gave: its type, and the text if it was one. */
export interface ForeignAnswer {
  readonly type: string;
  readonly text: string | null;
}

interface Waiting {
  resolve(report: ForeignReport): void;
  reject(error: Error): void;
}

/** Loading may install hooks, compile and read much: its time is no matter of a single answer. */
const loadingMs = 120_000;
const LOADING = -1;

/** The file to load for what ./prettier-module.ts exports. */
export const prettierModule = beside("prettier-module");
export type PrettierWord = keyof typeof prettier;

function beside(name: string): string {
  const self = fileURLToPath(import.meta.url);
  return join(self, "..", `${name}${extname(self)}`);
}

/**
 * A module that is the repository's own code, in a process of its own: one that never answers, loops or ends its process
 * does so without this one. What it prints goes to stderr. While nothing is due, it keeps nobody waiting.
 */
export class ForeignModule {
  readonly #child: ChildProcess;
  readonly #answerMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #calls: ForeignCall[] = [];
  #last = 0;
  #timer: NodeJS.Timeout | undefined;
  #end: Error | null = null;
  #functions: readonly string[] = [];

  /** @throws Error when it can't be loaded */
  static async load(file: string, options: ForeignModuleOptions): Promise<ForeignModule> {
    const module = new ForeignModule(options);
    await module.#loaded(pathToFileURL(file).href);
    return module;
  }

  private constructor({ cwd, env, answerMs }: ForeignModuleOptions) {
    this.#answerMs = answerMs;
    this.#child = fork(beside("foreign-module-process"), [], {
      cwd,
      env: { ...env },
      execArgv: [],
      // A group of its own: what it starts ends with it.
      detached: true,
      serialization: "advanced",
      stdio: ["ignore", 2, 2, "ipc"],
    });
    process.once("exit", this.#kill);
    this.#child.on("message", (report: ForeignReport) => this.#take(report));
    this.#child.on("error", (error) => this.#over(error));
    this.#child.on("exit", (code, signal) => {
      process.off("exit", this.#kill);
      const how = signal === null ? `with status ${code}` : `by ${signal}`;
      this.#over(new Error(`it ended its process, ${how}`));
    });
  }

  has(name: string): boolean {
    return this.#functions.includes(name);
  }

  /** @throws Error for what the function throws, for no answer in time, and when the process has ended */
  async call(name: string, args: readonly unknown[]): Promise<ForeignAnswer> {
    const id = ++this.#last;
    const answered = this.#due(id);
    if (this.#calls.push({ id, name, args }) === 1) setImmediate(() => this.#sendCalls());
    const report = await answered;
    if (report.kind === "answered") return { type: report.type, text: report.text };
    throw new Error(report.kind === "failed" ? report.reason : "it gave a wrong report");
  }

  async #loaded(load: string): Promise<void> {
    const answered = this.#due(LOADING);
    this.#send({ load });
    const report = await answered;
    if (report.kind !== "loaded")
      throw new Error(report.kind === "failed" ? report.reason : "it is not loaded");
    this.#functions = report.functions;
  }

  #sendCalls(): void {
    const calls = this.#calls;
    this.#calls = [];
    this.#send({ calls });
  }

  #send(order: ForeignOrder): void {
    if (this.#end !== null) return;
    try {
      // A process that is gone says so by its end.
      this.#child.send(order, () => {});
    } catch (error) {
      this.#over(error as Error);
    }
  }

  #due(id: number): Promise<ForeignReport> {
    if (this.#end !== null) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#hold();
    });
  }

  #take(report: ForeignReport): void {
    const id = report.kind === "loaded" ? LOADING : (report.id ?? LOADING);
    this.#waiting.get(id)?.resolve(report);
    this.#waiting.delete(id);
    this.#hold();
  }

  /** Alive while something is due, and its time starts anew with each answer. */
  #hold(): void {
    clearTimeout(this.#timer);
    const isDue = this.#waiting.size > 0;
    const method = isDue ? "ref" : "unref";
    this.#child[method]();
    this.#child.channel?.[method]();
    if (!isDue) return;
    const limitMs = this.#waiting.has(LOADING) ? loadingMs : this.#answerMs;
    this.#timer = setTimeout(() => {
      this.#over(new Error(`it gave no answer within ${limitMs / 1000} s`));
      this.#kill();
    }, limitMs);
  }

  #over(error: Error): void {
    this.#end ??= error;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const each of waiting) each.reject(this.#end);
    this.#hold();
  }

  readonly #kill = (): void => {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
  };
}
