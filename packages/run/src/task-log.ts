import type { LogPiece } from "./ports.ts";

/** More of a log than this is not kept in memory nor stored; it was shown while it came. */
export const logCharsMax = 4 * 1024 * 1024;

/** Collects what a task writes, in order. When it is too long its middle is left out. */
export class TaskLog {
  readonly #head: [1 | 2, string][] = [];
  readonly #tail: [1 | 2, string][] = [];
  #headChars = 0;
  #tailChars = 0;
  #droppedChars = 0;

  add(stream: 1 | 2, text: string): void {
    if (text === "") return;
    if (this.#headChars < logCharsMax / 2) {
      this.#headChars += text.length;
      append(this.#head, stream, text);
      return;
    }
    this.#tail.push([stream, text]);
    this.#tailChars += text.length;
    for (let first = this.#tail[0]; first && this.#tailChars - first[1].length > logCharsMax / 2;) {
      this.#tail.shift();
      this.#tailChars -= first[1].length;
      this.#droppedChars += first[1].length;
      [first] = this.#tail;
    }
  }

  pieces(): readonly LogPiece[] {
    if (this.#droppedChars === 0) return [...this.#head, ...this.#tail];
    const gap = `\n[${this.#droppedChars} characters of this log were not kept]\n`;
    return [...this.#head, [1, gap], ...this.#tail];
  }
}

function append(pieces: [1 | 2, string][], stream: 1 | 2, text: string): void {
  const last = pieces.at(-1);
  if (last && last[0] === stream && last[1].length < 64 * 1024) last[1] += text;
  else pieces.push([stream, text]);
}
