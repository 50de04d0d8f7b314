import type { Outside } from "../src/command.ts";
import { terminalOf } from "../src/terminal.ts";

export interface TestOutside extends Outside {
  stdout(): string;
  stderr(): string;
}

/** A process as a command sees it, with what it said kept in memory. */
export function testOutside(given: Partial<Outside> = {}): TestOutside {
  const out: string[] = [];
  const err: string[] = [];
  return {
    cwd: "/",
    env: {},
    terminal: terminalOf({ stdin: {}, stdout: {}, stderr: { write: (text) => err.push(text) } }, {}),
    signal: new AbortController().signal,
    answer: (text) => void out.push(`${text}\n`),
    say: (text) => void err.push(`${text}\n`),
    stdout: () => out.join(""),
    stderr: () => err.join(""),
    ...given,
  };
}
