import type { Terminal } from "../terminal.ts";
import { characterWidth, widthOf } from "./text.ts";

/** A few lines at the bottom of the terminal that rewrite themselves; what is written above them stays. */
export interface LiveBlock {
  /** Replaces the block. Lines are cut to the window, and lines that do not fit into it are left out. */
  draw(lines: readonly string[]): void;
  /** Takes the block away while `write` writes what is to stay, then puts it back. */
  above(write: () => void): void;
  /** Takes the block away for good. */
  end(): void;
}

export function liveBlock(terminal: Pick<Terminal, "draw" | "size">): LiveBlock {
  let shown: readonly string[] = [];
  const erased = (): string => {
    if (shown.length === 0) return "";
    // A window that became narrower has wrapped what was drawn for the wider one.
    const { columns } = terminal.size();
    const rows = shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
    return `\u001B[${rows}A\r\u001B[J`;
  };
  const draw = (lines: readonly string[]): void => {
    const { columns, rows } = terminal.size();
    const next = lines.slice(0, Math.max(1, rows - 1)).map((line) => cut(line, columns - 1));
    terminal.draw(erased() + next.map((line) => `${line}\n`).join(""));
    shown = next;
  };
  const end = (): void => {
    terminal.draw(erased());
    shown = [];
  };
  return {
    draw,
    end,
    above(write) {
      const lines = shown;
      end();
      write();
      if (lines.length > 0) draw(lines);
    },
  };
}

const ESCAPE = "\u001B";
const colorOrCharacter = new RegExp(`${ESCAPE}\\[[0-9;]*m|.`, "gsu");

/** Cuts at a width, counting only what is seen; a colour that was begun is ended. */
export function cut(line: string, width: number): string {
  if (widthOf(line) <= width) return line;
  let seen = 0;
  let result = "";
  for (const [part] of line.matchAll(colorOrCharacter)) {
    seen += part.startsWith("\u001B[") ? 0 : characterWidth(part);
    if (seen >= width) break;
    result += part;
  }
  return `${result}…${line.includes("\u001B[") ? "\u001B[0m" : ""}`;
}
