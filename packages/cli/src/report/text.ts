import { stripVTControlCharacters } from "node:util";

/** Rows as lines whose columns stand below each other; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, widthOf(cell))));
  }
  return rows.map((row) =>
    row
      .map((cell, at) =>
        at === row.length - 1 ? cell : cell + " ".repeat((widths[at] ?? 0) - widthOf(cell) + gap),
      )
      .join("")
      .trimEnd(),
  );
}

/** One line as several where it is wider than the window: broken between words, the rest under its beginning. */
export function wrapped(line: string, width: number | null): string[] {
  if (width === null || widthOf(line) < width) return [line];
  const margin = `${/^ */.exec(line)?.[0] ?? ""}  `;
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(/(?<=\S)(?= )/)) {
    if (current.trim() !== "" && widthOf(current + word) >= width) {
      lines.push(current);
      current = margin + word.trimStart();
    } else current += word;
  }
  return [...lines, current];
}

/** A name as one line: what would move a terminal's cursor, as a newline in a file's name does, stands as an escape. */
export function inOneLine(name: string): string {
  // eslint-disable-next-line no-control-regex -- these are the ones
  return name.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    const short = JSON.stringify(character).slice(1, -1);
    return short.length > 1 ? short : `\\u00${character.charCodeAt(0).toString(16)}`;
  });
}

export function durationText(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1000).toFixed(1)} s`;
  return `${Math.floor(durationMs / 60_000)} min ${Math.round((durationMs % 60_000) / 1000)} s`;
}

export function sizeText(sizeBytes: number): string {
  if (sizeBytes < 1000) return `${sizeBytes} B`;
  if (sizeBytes < 1_000_000) return `${(sizeBytes / 1000).toFixed(1)} kB`;
  return `${(sizeBytes / 1_000_000).toFixed(1)} MB`;
}

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}

/** Columns on a terminal: colours take none, East Asian letters and emoji two, accents of their own none. */
export function widthOf(text: string): number {
  const seen = stripVTControlCharacters(text);
  if (isPlain.test(seen)) return seen.length;
  let width = 0;
  for (const character of seen) width += characterWidth(character);
  return width;
}

export function characterWidth(character: string): number {
  if (wide.test(character)) return 2;
  return takesNoColumn.test(character) ? 0 : 1;
}

const isPlain = /^[ -~]*$/;
const takesNoColumn = /^[\p{Mn}\p{Me}\p{Cf}]/u;
/** The blocks that Unicode's EastAsianWidth.txt has as wide or full width, in broad strokes. */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]/u;
