import { Socket } from "node:net";
import { constants as system } from "node:os";
import { StringDecoder } from "node:string_decoder";
import { getSystemErrorName } from "node:util";
import type { OutputPipes } from "./output-pipes.ts";
import { Stopping } from "./stopping.ts";
import { closedSoon, type TaskProcess, type TaskProcessEnd, type TaskProcessSpec } from "./task-process.ts";

const streams = [1, 2] as const;

/** A task that a helper starts: what is asked of it before its process is known is done as soon as it is. */
export class SpawnedTask implements TaskProcess {
  readonly ended: Promise<TaskProcessEnd>;
  pid: number | undefined;
  readonly #spec: TaskProcessSpec;
  readonly #stopping = new Stopping(this);
  readonly #pipes: OutputPipes;
  readonly #decoders = new Map<1 | 2, StringDecoder>();
  readonly #over: (end: TaskProcessEnd) => void;
  /** Of a task that has been running for a while: what it writes is heard at once. */
  #sockets: readonly Socket[] | null = null;
  #closed: Promise<unknown> = Promise.resolve();
  #problem: string | null = null;
  #asked: "stop" | "kill" | null = null;
  #lingers = false;

  /** @param pipes open, for this task alone until `onFree` says that nothing of it can write into them any more */
  constructor(spec: TaskProcessSpec, pipes: OutputPipes, onFree: () => void) {
    this.#spec = spec;
    this.#pipes = pipes;
    const { promise, resolve } = Promise.withResolvers<TaskProcessEnd>();
    this.#over = resolve;
    this.ended = promise.then(async (end) => {
      if (!this.#drained()) await this.#heardOut();
      if (!this.#lingers) onFree();
      await this.#stopping.finished();
      return end;
    });
  }

  stop(): void {
    if (this.pid === undefined) this.#asked ??= "stop";
    else this.#stopping.stop();
  }

  kill(): void {
    if (this.pid === undefined) this.#asked = "kill";
    else this.#stopping.kill();
  }

  onStarted(pid: number): void {
    this.pid = pid;
    this.#spec.onStarted?.(pid);
    if (this.#asked !== null) this.#stopping[this.#asked]();
  }

  /** It has started and does not end at once. Before it has started, a pipe would seem to be at its end. */
  listen(): void {
    if (this.#sockets) return;
    const ends = this.#pipes.handOver();
    this.#sockets = streams.map((stream, at) => {
      const socket = new Socket({ fd: ends[at] ?? -1, readable: true, writable: false });
      socket.on("data", (bytes: Buffer) => this.#hear(stream, bytes));
      return socket.on("error", () => {});
    });
    const closings = this.#sockets.map(
      (socket) => new Promise<void>((resolve) => void socket.once("close", resolve)),
    );
    this.#closed = Promise.all(closings);
  }

  onProblem(errno: number): void {
    this.#problem = `spawn ${this.#spec.shell ?? "sh"} ${getSystemErrorName(-errno)}`;
  }

  onEnded(exitCode: number, signal: number): void {
    if (this.#problem !== null) this.#over({ exitCode: null, signal: null, problem: this.#problem });
    else if (signal === 0) this.#over({ exitCode, signal: null, problem: null });
    else this.#over({ exitCode: null, signal: nameOf(signal), problem: null });
  }

  /** The helper is gone, and with it the news of this task's end. */
  onLost(): void {
    this.kill();
    this.#lingers = true;
    this.#letGo();
    this.#over({ exitCode: null, signal: null, problem: "the process that started it was killed" });
  }

  #hear(stream: 1 | 2, bytes: Buffer): void {
    let decoder = this.#decoders.get(stream);
    if (!decoder) this.#decoders.set(stream, (decoder = new StringDecoder("utf8")));
    this.#spec.onOutput(stream, decoder.write(bytes));
  }

  /** Most tasks end soon, and then all that they have written is there. */
  #drained(): boolean {
    if (this.#sockets || this.#lingers) return false;
    const atEnd = streams.map((stream) => this.#pipes.drain(stream, (bytes) => this.#hear(stream, bytes)));
    if (atEnd.includes(false)) return false;
    this.#saidAll();
    return true;
  }

  async #heardOut(): Promise<void> {
    if (!this.#lingers) this.listen();
    await closedSoon(this.#closed, () => {
      this.#lingers = true;
      this.#letGo();
    });
    this.#saidAll();
  }

  #letGo(): void {
    for (const socket of this.#sockets ?? []) socket.destroy();
    this.#pipes.close();
  }

  /** What of a character came last is said, too. */
  #saidAll(): void {
    for (const [stream, decoder] of this.#decoders) {
      const rest = decoder.end();
      if (rest !== "") this.#spec.onOutput(stream, rest);
    }
  }
}

function nameOf(signal: number): string {
  const known = Object.entries(system.signals).find(([, number]) => number === signal);
  return known?.[0] ?? `signal ${signal}`;
}
