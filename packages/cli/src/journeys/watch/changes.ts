import type { Change } from "./triggers.ts";

/** Collects changes until somebody takes them. */
export class Changes {
  #paths = new Set<string>();
  #during = new Set<string>();
  #wake: () => void = () => {};

  /** @param during those of them that changed while tasks ran */
  add(paths: Iterable<string>, during: Iterable<string>): void {
    for (const path of paths) this.#paths.add(path);
    for (const path of during) this.#during.add(path);
    this.#wake();
  }

  /** Waits until there are some; null when the signal came first. */
  async next(signal: AbortSignal): Promise<Change | null> {
    while (this.#paths.size === 0 && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
    }
    if (signal.aborted) return null;
    const taken = { paths: this.#paths, during: this.#during };
    this.#paths = new Set();
    this.#during = new Set();
    return taken;
  }
}
