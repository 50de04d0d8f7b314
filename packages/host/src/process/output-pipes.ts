import { closeSync, constants, openSync, readSync } from "node:fs";

const flags = constants.O_RDONLY | constants.O_NONBLOCK;
const room = Buffer.allocUnsafeSlow(64 * 1024);

/** So much is taken at once; who writes more is listened to. */
const readsMax = 4;

/** The reading ends of the two named pipes that a task writes its stdout and stderr into. */
export class OutputPipes {
  readonly #path: string;
  #ends: readonly [number, number] | null = null;

  /** @param path of both, without the number of the stream */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Without waiting for somebody who writes: that is started only now.
   *
   * @returns false when this process may open no more
   */
  open(): boolean {
    if (this.#ends) return true;
    const ends: number[] = [];
    try {
      for (const stream of [1, 2]) ends.push(openSync(`${this.#path}.${stream}`, flags));
    } catch {
      for (const end of ends) closeSync(end);
      return false;
    }
    const [out = -1, err = -1] = ends;
    this.#ends = [out, err];
    return true;
  }

  /**
   * Takes what a stream holds.
   *
   * @returns true: nobody has its other end open any more, and all that was written has been taken
   */
  drain(stream: 1 | 2, take: (bytes: Buffer) => void): boolean {
    const end = this.#ends?.[stream - 1];
    if (end === undefined) return false;
    for (let reads = 0; reads < readsMax; reads++) {
      const length = readOrNull(end);
      if (length === 0) return true;
      if (length === null) return false;
      take(room.subarray(0, length));
    }
    return false;
  }

  /** The ends, which are the caller's from now on: to close, too. */
  handOver(): readonly [number, number] {
    const ends = this.#ends;
    if (!ends) throw new Error("the pipes of a task are not open");
    this.#ends = null;
    return ends;
  }

  close(): void {
    for (const end of this.#ends ?? []) closeSync(end);
    this.#ends = null;
  }
}

/** Null: somebody may still write, and has not. */
function readOrNull(end: number): number | null {
  try {
    return readSync(end, room, 0, room.length, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return null;
    throw error;
  }
}
