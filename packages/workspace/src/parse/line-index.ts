/** The line (from 1) of each property and item of a JSON text with comments, by its path. */
export type LineIndex = ReadonlyMap<string, number>;

/** The key of a path in a {@link LineIndex}. */
export function pathKey(path: readonly (string | number)[]): string {
  return path.map((part) => `\0${part}`).join("");
}

interface Frame {
  readonly prefix: string;
  /** Null in an object; in an array the position of the item that the scan is at. */
  item: number | null;
  /** In an object: a string that comes now is a key. */
  keyExpected: boolean;
  key: string;
}

/** Finds all lines in one pass, far faster than a syntax tree would be built; the text is known to be well-formed. */
export function lineIndex(text: string): LineIndex {
  const lines = new Map<string, number>();
  const frames: Frame[] = [];
  let line = 1;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    const top = frames.at(-1);
    switch (char) {
      case 0x0a:
        line++;
        break;
      case 0x2f: {
        const end = commentEnd(text, at);
        line += countLines(text, at, end);
        at = end;
        break;
      }
      case 0x22: {
        const end = stringEnd(text, at);
        if (top?.keyExpected) {
          top.key = `${top.prefix}\0${unescaped(text.slice(at, end + 1))}`;
          top.keyExpected = false;
          if (!lines.has(top.key)) lines.set(top.key, line);
        } else if (top) recordItem(lines, top, line);
        at = end;
        break;
      }
      case 0x7b:
      case 0x5b: {
        if (top) recordItem(lines, top, line);
        const prefix = top ? (top.item === null ? top.key : `${top.prefix}\0${top.item}`) : "";
        frames.push({ prefix, item: char === 0x5b ? 0 : null, keyExpected: char === 0x7b, key: prefix });
        break;
      }
      case 0x7d:
      case 0x5d:
        frames.pop();
        break;
      case 0x2c:
        if (top?.item === null) top.keyExpected = true;
        else if (top) top.item++;
        break;
      default:
    }
  }
  return lines;
}

function recordItem(lines: Map<string, number>, frame: Frame, line: number): void {
  if (frame.item !== null) lines.set(`${frame.prefix}\0${frame.item}`, line);
}

function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5c) at++;
    else if (char === 0x22) return at;
  }
  return text.length;
}

function commentEnd(text: string, from: number): number {
  const second = text[from + 1];
  const end =
    second === "*" ? text.indexOf("*/", from + 2) + 1 : second === "/" ? text.indexOf("\n", from) - 1 : from;
  return end < from ? text.length : end;
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at <= to; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

function unescaped(literal: string): string {
  if (!literal.includes("\\")) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal.slice(1, -1);
  }
}
