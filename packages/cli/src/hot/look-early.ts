import { statSync } from "node:fs";
import { resolve } from "node:path";
import { UserError } from "@slipway/kernel";
import type { Outside } from "../command.ts";
import { commandNames } from "../commands/names.ts";
import { inOwnWords } from "../flags/peers.ts";
import { runWords } from "../flags/run-words.ts";
import { takeGlobals } from "../globals.ts";
import type { RunContext } from "../journeys/run-context.ts";
import { runReporter } from "../journeys/run-reporter.ts";
import { parse } from "../parse.ts";
import { hotJourney } from "./hot-journey.ts";
import type { HotOutcome } from "./hot-outcome.ts";

/**
 * Answers the words, where an earlier run of the same says what there is to do. Whatever is wrong with them is left to
 * those who can say it: this has no help, knows no other command and reads no workspace.
 *
 * @returns what was found out; null: nothing, the words have to be read again
 * @param onStart tasks may be started from here on
 */
export async function lookEarly(
  argv: readonly string[],
  outside: Outside,
  onStart: () => void,
): Promise<HotOutcome | null> {
  const context = contextOf(argv, outside);
  if (!context) return null;
  const flags = inOwnWords(context.options, context.given);
  if (flags.last || flags.watch || flags.audit || flags.plan) return null;
  const outcome = await hotJourney(flags, (tasks) => runReporter(tasks, flags, context), context);
  if (outcome.kind === "told" || !outcome.known) return outcome;
  onStart();
  const { runKnown } = await import("../journeys/run-known.ts");
  const exit = await runKnown(flags, context, outcome);
  return exit === null ? { ...outcome, known: null } : { kind: "told", exit };
}

/** Null: the words are not those of a run, or something about them has to be said. */
function contextOf(argv: readonly string[], outside: Outside): RunContext | null {
  try {
    const { words, cwd, color, asked } = takeGlobals(argv);
    const typed = asked === undefined ? wordsOfRun(words) : null;
    if (!typed) return null;
    const there = cwd === undefined ? outside.cwd : resolve(outside.cwd, cwd);
    if (!statSync(there, { throwIfNoEntry: false })?.isDirectory()) return null;
    const terminal = color === undefined ? outside.terminal : { ...outside.terminal, color };
    const { notes, options, ...parsed } = parse("run", runWords, { words: typed, env: outside.env });
    if (notes.length > 0) return null;
    return { ...outside, cwd: there, terminal, ...parsed, options: options as RunContext["options"] };
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** `slipway run TASK` or `slipway TASK`. */
function wordsOfRun(words: readonly string[]): readonly string[] | null {
  const [first = "-", second = ""] = words;
  if (first === "run") return words.slice(1);
  const isOther =
    first.startsWith("-") || first === "help" || isCommand(first) || isCommand(`${first} ${second}`);
  return isOther ? null : words;
}

function isCommand(words: string): boolean {
  return commandNames.some((name) => name === words);
}
