import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { stampFrom, statNumberCount } from "../../tree/stamps.ts";
import type { Globs } from "../../tree/walk.ts";
import type { Owned } from "../local-store.ts";
import type { EntryOutput } from "../result-entry.ts";
import { claim, makeBoard, numbersPerOutput, stateOf, wordOf, type AheadBoard } from "./ahead-board.ts";
import type { AheadOrder, AheadPlace } from "./restore-worker.ts";

/** A stored result that is to be put back as it was recorded. */
export interface AheadResult<Id extends string> {
  readonly id: Id;
  readonly fingerprint: string;
  readonly spec: Globs;
  readonly outputs: readonly EntryOutput[];
  /** What belongs to the task although something stood there before. */
  readonly isOwn: (path: string) => boolean;
}

interface Placed {
  readonly result: AheadResult<string>;
  readonly board: AheadBoard;
  readonly at: number;
  readonly numbersAt: number;
}

/** A thread that has been started, and that does not know yet what to do. */
export class RestoreThread {
  readonly #worker: Worker;

  /** Null where the system refuses it. */
  static start(program = workerFile()): RestoreThread | null {
    // Loaded here, because most runs do without.
    const { Worker: Thread } = process.getBuiltinModule("node:worker_threads");
    const isSource = program.endsWith(".ts");
    try {
      return new RestoreThread(
        new Thread(program, { env: {}, ...(isSource ? { execArgv: ["--conditions=source"] } : {}) }),
      );
    } catch {
      return null;
    }
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("error", () => {});
    worker.unref();
  }

  into<Id extends string>(place: AheadPlace): RestoreAhead<Id> {
    return new RestoreAhead<Id>(this.#worker, place);
  }

  end(): void {
    void this.#worker.terminate();
  }
}

/** The run stands still for the end of one result: longer than it takes, unless it is large. */
const stillMs = 5;

/** Results are put back one after the other without a pause: so often a signal is heard all the same. */
const breathMs = 25;

/**
 * A second thread that puts results back, before the run comes to them or while it does others. Each result is done by the
 * thread or by the run, whoever claims it first; what the thread finds to be anything but whole it leaves to the run. If
 * the thread does not start, or dies, the run does it all.
 */
export class RestoreAhead<Id extends string> {
  readonly #place: AheadPlace;
  readonly #worker: Worker;
  readonly #placed = new Map<Id, Placed>();
  #isDead = false;
  #breathedMs = Date.now();

  constructor(worker: Worker, place: AheadPlace) {
    this.#worker = worker;
    this.#place = place;
    const dead = (): void => void (this.#isDead = true);
    worker.on("error", dead).on("exit", dead);
  }

  /** It does them in this order. */
  begin(results: readonly AheadResult<Id>[]): void {
    const outputCount = results.reduce((sum, { outputs }) => sum + outputs.length, 0);
    const board = makeBoard(results.length, outputCount);
    let numbersAt = 0;
    const ordered: AheadOrder["results"][number][] = [];
    for (const [at, result] of results.entries()) {
      const { id, fingerprint, spec, outputs } = result;
      this.#placed.set(id, { result, board, at, numbersAt });
      ordered.push({ id, fingerprint, spec, outputs: wordOf(outputs), numbersAt });
      numbersAt += outputs.length * numbersPerOutput;
    }
    const order: AheadOrder = { place: this.#place, board, results: ordered };
    this.#worker.postMessage(order, []);
  }

  /** What was put back of a task; null: nothing, and nothing will be but by the caller. */
  take(id: Id): readonly Owned[] | null | Promise<readonly Owned[] | null> {
    return Date.now() - this.#breathedMs < breathMs ? this.#taken(id) : this.#takenAfterBreath(id);
  }

  async #takenAfterBreath(id: Id): Promise<readonly Owned[] | null> {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    this.#breathedMs = Date.now();
    return this.#taken(id);
  }

  #taken(id: Id): readonly Owned[] | null | Promise<readonly Owned[] | null> {
    const placed = this.#placed.get(id);
    if (!placed) return null;
    this.#placed.delete(id);
    if (claim(placed.board, placed.at, "run")) return null;
    return stateOf(placed.board, placed.at, stillMs) === "worker" ? this.#later(placed) : outputsOf(placed);
  }

  /** Ends the thread. @returns what was put back and not taken, by task */
  async end(): Promise<ReadonlyMap<Id, readonly Owned[]>> {
    const left = new Map<Id, readonly Owned[]>();
    for (const id of this.#placed.keys()) {
      const outputs = await this.#taken(id);
      if (outputs) left.set(id, outputs);
    }
    void this.#worker.terminate();
    return left;
  }

  async #later(placed: Placed): Promise<readonly Owned[] | null> {
    while (stateOf(placed.board, placed.at) === "worker" && !this.#isDead) {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, stillMs);
      });
    }
    return outputsOf(placed);
  }
}

/** In the bundle it stands beside the start, which is CommonJS. */
function workerFile(): string {
  const self = fileURLToPath(import.meta.url);
  return join(self, "..", `restore-worker${extname(self) === ".ts" ? ".ts" : ".cjs"}`);
}

/** Each read after the worker has said that it is done with them. */
function outputsOf({ result, board, at, numbersAt }: Placed): readonly Owned[] | null {
  if (stateOf(board, at) !== "done") return null;
  return result.outputs.map((output, index) => {
    const from = numbersAt + index * numbersPerOutput;
    const { path, kind, digest, sizeBytes, executable, target } = output;
    const link = target === undefined ? {} : { target };
    const stamp = stampFrom(board.numbers.subarray(from, from + statNumberCount));
    const owned = board.numbers[from + statNumberCount] === 1 || result.isOwn(path);
    return { path, kind, digest, sizeBytes, executable, ...link, stamp, owned };
  });
}
