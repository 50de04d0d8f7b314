import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import { constants as system } from "node:os";
import { getSystemErrorName } from "node:util";
import { Stopping } from "./stopping.ts";
import {
  decode,
  lingeringPipeMs,
  type TaskProcess,
  type TaskProcessEnd,
  type TaskProcessSpec,
} from "./task-process.ts";

/** A task that a helper starts: what is asked of it before its process is known is done as soon as it is. */
export class SpawnedTask implements TaskProcess {
  readonly ended: Promise<TaskProcessEnd>;
  /** Its pipes have been read to their end: true when nothing of it can write into them any more. */
  readonly pipesClosed: Promise<boolean>;
  pid: number | undefined;
  readonly #spec: TaskProcessSpec;
  readonly #stopping = new Stopping(this);
  readonly #streams: readonly Socket[];
  readonly #over: (end: TaskProcessEnd) => void;
  #problem: string | null = null;
  #asked: "stop" | "kill" | null = null;
  #lingers = false;

  /** @param pipes the path of both, without the number of the stream */
  constructor(spec: TaskProcessSpec, pipes: string) {
    this.#spec = spec;
    this.#streams = ([1, 2] as const).map((stream) => {
      // Without waiting for somebody who writes: that is started only now.
      const fd = openSync(`${pipes}.${stream}`, constants.O_RDONLY | constants.O_NONBLOCK);
      const socket = new Socket({ fd, readable: true, writable: false });
      decode(socket, (text) => spec.onOutput(stream, text));
      return socket.on("error", () => {});
    });
    const closed = Promise.all(
      this.#streams.map((socket) => new Promise<void>((resolve) => void socket.once("close", resolve))),
    );
    this.pipesClosed = closed.then(() => !this.#lingers);
    const { promise, resolve } = Promise.withResolvers<TaskProcessEnd>();
    this.#over = resolve;
    this.ended = promise.then((end) => this.#last(end, closed));
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

  onProblem(errno: number): void {
    this.#problem = `spawn ${this.#spec.shell ?? "sh"} ${getSystemErrorName(-errno)}`;
    // Nobody has them open, so their end would never come.
    for (const socket of this.#streams) socket.destroy();
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
    for (const socket of this.#streams) socket.destroy();
    this.#over({ exitCode: null, signal: null, problem: "the process that started it was killed" });
  }

  async #last(end: TaskProcessEnd, closed: Promise<unknown>): Promise<TaskProcessEnd> {
    const timer = setTimeout(() => {
      // As for any other process: what it left running is not ended, and not waited for.
      this.#lingers = true;
      for (const socket of this.#streams) socket.destroy();
    }, lingeringPipeMs);
    await closed;
    clearTimeout(timer);
    await this.#stopping.finished();
    return end;
  }
}

function nameOf(signal: number): string {
  const known = Object.entries(system.signals).find(([, number]) => number === signal);
  return known?.[0] ?? `signal ${signal}`;
}
