/** Work that nobody waits for until the end: so many at a time, in order. */
export class Backlog {
  readonly #sideBySide: number;
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(sideBySide: number) {
    this.#sideBySide = sideBySide;
  }

  /** @param job never rejects */
  add(job: () => Promise<void>): void {
    this.#waiting.push(job);
    this.#next();
  }

  async done(): Promise<void> {
    while (this.#running.size > 0) await Promise.race(this.#running);
  }

  #next(): void {
    const job = this.#running.size < this.#sideBySide ? this.#waiting.shift() : undefined;
    if (!job) return;
    const running: Promise<void> = job().finally(() => {
      this.#running.delete(running);
      this.#next();
    });
    this.#running.add(running);
  }
}
