import { statSync } from "node:fs";
import { resolve } from "node:path";
import { UserError } from "@slipway/kernel";
import type { Context, Outside, Values } from "../command.ts";
import { commandNames } from "../commands/names.ts";
import { affectedWords, type AffectedOptions } from "../flags/affected-words.ts";
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
  const typed = typedEarly(argv, outside);
  if (!typed) return null;
  return typed.command === "run" ? lookForRun(typed, onStart) : lookForAffected(typed);
}

async function lookForRun({ context }: TypedEarly, onStart: () => void): Promise<HotOutcome | null> {
  const options = context.options as RunContext["options"];
  const flags = inOwnWords(options, context.given);
  if (flags.last || flags.watch || flags.audit || flags.plan) return null;
  const run = { ...context, options };
  const outcome = await hotJourney(flags, (tasks) => runReporter(tasks, flags, run), run);
  if (outcome.kind === "told" || !outcome.known) return outcome;
  onStart();
  const { runKnown } = await import("../journeys/run-known.ts");
  const exit = await runKnown(flags, run, outcome);
  return exit === null ? { ...outcome, known: null } : { kind: "told", exit };
}

async function lookForAffected({ context }: TypedEarly): Promise<HotOutcome | null> {
  const options = context.options as Values<AffectedOptions>;
  const isMore = context.positionals.length + options.targets.length > 0 || options["root-turbo-json"];
  if (isMore || options.head !== undefined) return null;
  const { affectedEarly } = await import("./affected-early.ts");
  const exit = await affectedEarly({ ...options, tasks: [] }, context);
  return exit === null ? null : { kind: "told", exit };
}

interface TypedEarly {
  readonly command: "run" | "affected";
  readonly context: Context;
}

const early = { run: runWords, affected: affectedWords } as const;

/** Null: the words are not for here, or something about them has to be said. */
function typedEarly(argv: readonly string[], outside: Outside): TypedEarly | null {
  try {
    const { words, cwd, color, asked } = takeGlobals(argv);
    const found = asked === undefined ? commandIn(words) : null;
    if (!found) return null;
    const there = cwd === undefined ? outside.cwd : resolve(outside.cwd, cwd);
    if (!statSync(there, { throwIfNoEntry: false })?.isDirectory()) return null;
    const terminal = color === undefined ? outside.terminal : { ...outside.terminal, color };
    const { command } = found;
    const { notes, ...parsed } = parse(command, early[command], { words: found.words, env: outside.env });
    return notes.length > 0 ? null : { command, context: { ...outside, cwd: there, terminal, ...parsed } };
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** `slipway run TASK`, `slipway TASK` or `slipway affected`. */
function commandIn(
  words: readonly string[],
): { readonly command: TypedEarly["command"]; readonly words: readonly string[] } | null {
  const [first = "-", second = ""] = words;
  if (first === "run" || first === "affected") return { command: first, words: words.slice(1) };
  const isOther =
    first.startsWith("-") || first === "help" || isCommand(first) || isCommand(`${first} ${second}`);
  return isOther ? null : { command: "run", words };
}

function isCommand(words: string): boolean {
  return commandNames.some((name) => name === words);
}
