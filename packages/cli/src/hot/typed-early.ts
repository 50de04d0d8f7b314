import { lookBehind } from "@slipway/host/hot";
import { UserError } from "@slipway/kernel";
import { resolve } from "node:path";
import type { CommandWords, Context, Outside } from "../command.ts";
import { takeGlobals } from "../globals.ts";
import { parse } from "../parse.ts";

interface Expected {
  readonly name: string;
  readonly command: CommandWords;
  /** What stands behind the command; null where the words mean another. */
  readonly wordsOf: (words: readonly string[]) => readonly string[] | null;
}

/** Null: the words are not for here, or something about them has to be said. */
export function typedEarly(
  argv: readonly string[],
  outside: Outside,
  { name, command, wordsOf }: Expected,
): Context | null {
  try {
    const { words, cwd, color, asked } = takeGlobals(argv);
    const own = asked === undefined ? wordsOf(words) : null;
    if (!own) return null;
    const there = cwd === undefined ? outside.cwd : resolve(outside.cwd, cwd);
    if (!lookBehind(there)?.isDirectory()) return null;
    const terminal = color === undefined ? outside.terminal : { ...outside.terminal, color };
    const { notes, ...parsed } = parse(name, command, { words: own, env: outside.env });
    return notes.length > 0 ? null : { ...outside, cwd: there, terminal, ...parsed };
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
