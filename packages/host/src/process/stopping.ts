import { processTree, signalTree } from "./process-tree.ts";

/** How long a process tree has to end after it was asked: first as by Ctrl-C, then as by `kill`, then it is killed. */
const politeMs = 1500;
const patienceMs = 5000;
const pollMs = 25;

/** Undefined: it has not started. */
interface Leader {
  readonly pid?: number | undefined;
}

/** The end of a process tree: asked for once, insisted on, and waited for. */
export class Stopping {
  readonly #leader: Leader;
  #gone: Promise<void> | null = null;

  constructor(leader: Leader) {
    this.#leader = leader;
  }

  stop(): void {
    const { pid } = this.#leader;
    if (pid === undefined || this.#gone) return;
    signalTree(pid, "SIGINT");
    this.#gone = untilGone(pid);
  }

  kill(): void {
    const { pid } = this.#leader;
    if (pid === undefined) return;
    signalTree(pid, "SIGKILL");
    this.#gone ??= untilGone(pid);
  }

  get isAsked(): boolean {
    return this.#gone !== null;
  }

  /** Resolves when nothing of the tree lives any more; at once when nobody asked it to end. */
  async finished(): Promise<void> {
    await this.#gone;
  }
}

async function untilGone(pid: number): Promise<void> {
  const startMs = Date.now();
  let asked = false;
  while (processTree(pid).length > 0) {
    const waitedMs = Date.now() - startMs;
    if (waitedMs > patienceMs) signalTree(pid, "SIGKILL");
    else if (waitedMs > politeMs && !asked) {
      asked = true;
      signalTree(pid, "SIGTERM");
    }
    await new Promise<void>((resolve) => {
      setTimeout(resolve, pollMs);
    });
  }
}
