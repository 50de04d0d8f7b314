import { statNumberCount } from "../../tree/stamps.ts";
import type { EntryOutput } from "../result-entry.ts";

/** What two threads both see: for each result who does it and how far it is, and what was made of its outputs. */
export interface AheadBoard {
  readonly states: Int32Array<SharedArrayBuffer>;
  /** Of each output its stamp, and whether nothing stood there before. */
  readonly numbers: Float64Array<SharedArrayBuffer>;
}

export const numbersPerOutput = statNumberCount + 1;

/** `left`: the worker has not put it back, and will not. */
const states = { free: 0, run: 1, worker: 2, left: 3, done: 4 } as const;

export type AheadState = keyof typeof states;

const names = Object.keys(states) as AheadState[];

export function makeBoard(resultCount: number, outputCount: number): AheadBoard {
  return {
    states: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * resultCount)),
    numbers: new Float64Array(
      new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT * numbersPerOutput * outputCount),
    ),
  };
}

/** False when somebody else has it. */
export function claim({ states: board }: AheadBoard, at: number, by: "run" | "worker"): boolean {
  return Atomics.compareExchange(board, at, states.free, states[by]) === states.free;
}

export function finish({ states: board }: AheadBoard, at: number, as: "left" | "done"): void {
  Atomics.store(board, at, states[as]);
  Atomics.notify(board, at);
}

/** @param waitMs how long to stand still for the worker to end with it */
export function stateOf({ states: board }: AheadBoard, at: number, waitMs = 0): AheadState {
  if (waitMs > 0) Atomics.wait(board, at, states.worker, waitMs);
  return names[Atomics.load(board, at)] ?? "left";
}

/** All that two lists of outputs can differ in, as one word. */
export function wordOf(outputs: readonly Omit<EntryOutput, "sizeBytes" | "target">[]): string {
  return outputs
    .map(({ path, kind, digest, executable }) => `${kind} ${executable} ${digest} ${path}`)
    .join("\0");
}
