// A thread that puts results back while the run goes on: started by name, so it has to keep its own.
import { parentPort } from "node:worker_threads";
import { TaskLocks } from "../../process/task-locks.ts";
import { stampNumbers } from "../../tree/stamps.ts";
import type { Globs } from "../../tree/walk.ts";
import { LocalStore, type Owned } from "../local-store.ts";
import { claim, finish, numbersPerOutput, wordOf, type AheadBoard } from "./ahead-board.ts";

/** Where the store is, and what results are put back into. */
export interface AheadPlace {
  readonly dir: string;
  readonly root: string;
  readonly stagingDir: string;
  readonly locksDir: string;
}

export interface AheadOrder {
  readonly place: AheadPlace;
  readonly board: AheadBoard;
  readonly results: readonly OrderedResult[];
}

interface OrderedResult {
  readonly id: string;
  readonly fingerprint: string;
  readonly spec: Globs;
  /** The outputs that the result has to have, in one word. */
  readonly outputs: string;
  /** Where the numbers of its first output go. */
  readonly numbersAt: number;
}

let before: Promise<void> = Promise.resolve();

parentPort?.on("message", (order: AheadOrder) => {
  before = before.then(() => carryOut(order));
});

async function carryOut({ place, board, results }: AheadOrder): Promise<void> {
  const store = new LocalStore({ ...place, leavesFaults: true });
  const locks = new TaskLocks(place.locksDir);
  for (const [at, result] of results.entries()) {
    if (!claim(board, at, "worker")) continue;
    const outputs = locks.isFree(result.id) ? await restored(store, result) : null;
    if (outputs) note(board, result.numbersAt, outputs);
    finish(board, at, outputs ? "done" : "left");
  }
}

/** Null where not everything is as it should be: that is for those to find again who can say it. */
async function restored(
  store: LocalStore,
  { fingerprint, spec, outputs }: OrderedResult,
): Promise<readonly Owned[] | null> {
  try {
    const answer = await store.lookup(fingerprint, spec);
    if (answer.kind !== "hit" || wordOf(answer.result.outputs) !== outputs) return null;
    const put = answer.restore(() => false);
    return put.ok ? put.outputs : null;
  } catch {
    return null;
  }
}

function note({ numbers }: AheadBoard, from: number, outputs: readonly Owned[]): void {
  let at = from;
  for (const { stamp, owned } of outputs) {
    numbers.set([...stampNumbers(stamp), owned ? 1 : 0], at);
    at += numbersPerOutput;
  }
}
