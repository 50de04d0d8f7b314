/** Looks for texts in what a process writes, whatever pieces it comes in; colours do not count. */
export class LogMatcher {
  readonly #missing: Set<string>;
  readonly #keepChars: number;
  /** Resolves when each text has appeared. */
  readonly all: Promise<void>;
  #resolve: () => void = () => {};
  /** Of each stream, the end of what was seen: a text may go on in the next piece. */
  readonly #tails: Record<1 | 2, string> = { 1: "", 2: "" };

  constructor(texts: readonly string[]) {
    this.#missing = new Set(texts);
    this.#keepChars = Math.max(0, ...texts.map((text) => text.length)) + escapeCharsMax;
    this.all = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  take(stream: 1 | 2, text: string): void {
    if (this.#missing.size === 0) return;
    const seen = this.#tails[stream] + text;
    const plain = seen.replaceAll(escapes, "");
    for (const wanted of this.#missing) if (plain.includes(wanted)) this.#missing.delete(wanted);
    this.#tails[stream] = seen.slice(-this.#keepChars);
    if (this.#missing.size === 0) this.#resolve();
  }
}

/** Between two letters of a word that is looked for a dev server may change the colour a few times. */
const escapeCharsMax = 256;

// oxlint-disable-next-line no-control-regex
const escapes = /\u001b\[[0-9;?]*[A-Za-z]/g;
