import type { LogPiece } from "./ports.ts";

/** More of a log than this is not kept in memory nor stored; it was shown while it came. */
export const logCharsMax = 4 * 1024 * 1024;

/** What a piece takes beside its text: a task may write one character at a time. */
const pieceChars = 32;

/** The end of a log grows to this before it is cut to half of the whole: cutting moves all that is left. */
const tailCharsMax = (logCharsMax * 5) / 8;

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
      this.#headChars += append(this.#head, stream, text);
      return;
    }
    this.#tailChars += append(this.#tail, stream, text);
    if (this.#tailChars <= tailCharsMax) return;
    let gone = 0;
    for (let first = this.#tail[0]; first && this.#tailChars - sizeOf(first) > logCharsMax / 2;) {
      this.#tailChars -= sizeOf(first);
      this.#droppedChars += first[1].length;
      first = this.#tail[++gone];
    }
    if (gone > 0) this.#tail.splice(0, gone);
  }

  /** Half a line at the gap may be half a secret, which nobody would know for one: it is left out. */
  pieces(): readonly LogPiece[] {
    if (this.#droppedChars === 0) return [...this.#head, ...this.#tail];
    const head = withoutLast(this.#head);
    const tail = withoutFirst(this.#tail);
    const lost = charsOf([...this.#head, ...this.#tail]) - charsOf([...head, ...tail]);
    const gap = `\n[${this.#droppedChars + lost} characters of this log were not kept]\n`;
    return [...head, [1, gap], ...tail];
  }
}

/** Up to the last line that ends in it. */
function withoutLast(pieces: readonly LogPiece[]): LogPiece[] {
  for (let at = pieces.length - 1; at >= 0; at--) {
    const [stream, text] = pieces[at] ?? [1, ""];
    const end = text.lastIndexOf("\n");
    if (end !== -1) return [...pieces.slice(0, at), [stream, text.slice(0, end + 1)]];
  }
  return [];
}

/** From the first line that begins in it. */
function withoutFirst(pieces: readonly LogPiece[]): LogPiece[] {
  for (const [at, [stream, text]] of pieces.entries()) {
    const end = text.indexOf("\n");
    if (end !== -1) return [[stream, text.slice(end + 1)], ...pieces.slice(at + 1)];
  }
  return [];
}

function charsOf(pieces: readonly LogPiece[]): number {
  return pieces.reduce((sum, [, text]) => sum + text.length, 0);
}

function sizeOf([, text]: LogPiece): number {
  return text.length + pieceChars;
}

/** @returns by how much the pieces grew */
function append(pieces: [1 | 2, string][], stream: 1 | 2, text: string): number {
  const last = pieces.at(-1);
  if (last && last[0] === stream && last[1].length < 64 * 1024) {
    last[1] += text;
    return text.length;
  }
  pieces.push([stream, text]);
  return text.length + pieceChars;
}
