const ESCAPE = "\u001B";
const pieces = new RegExp(`${ESCAPE}\\[(\\d+)A|${ESCAPE}\\[[0-9;]*[A-Za-z]|\\r|\\n|[^${ESCAPE}\\r\\n]+`, "g");

/** As much of a terminal as a live block needs: text, newlines, cursor up, erase below, wrapping again on resize. */
export function screen(columns: number, rows: number) {
  let width = columns;
  /** Logical lines, of which each takes as many rows as it is wide; the cursor stands at the end of the last. */
  let text: string[] = [""];
  const rowsOf = (line: string): number => Math.max(1, Math.ceil(line.length / width));
  return {
    size: () => ({ columns: width, rows }),
    resize: (to: number): void => {
      width = to;
    },
    draw: (written: string): void => {
      for (const [part, rowsUp] of written.matchAll(pieces)) {
        if (rowsUp !== undefined) {
          let left = Number(rowsUp);
          text.pop();
          while (left > 0) left -= rowsOf(text.pop() ?? "");
          if (left < 0) throw new Error("the cursor stands inside a wrapped line");
          text.push("");
        } else if (part === "\n") text.push("");
        else if (part !== "\r" && !part.startsWith(ESCAPE)) text[text.length - 1] += part;
      }
    },
    lines: (): string[] => text.slice(0, -1),
  };
}
