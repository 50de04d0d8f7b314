import type { Outside } from "../command.ts";
import { commandNames } from "../commands/names.ts";
import { inOwnWords } from "../flags/peers.ts";
import { runWords } from "../flags/run-words.ts";
import type { RunContext } from "../journeys/run-context.ts";
import { runReporter } from "../journeys/run-reporter.ts";
import { hotJourney } from "./hot-journey.ts";
import type { HotOutcome } from "./hot-outcome.ts";
import { typedEarly } from "./typed-early.ts";

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
  const context = typedEarly(argv, outside, { name: "run", command: runWords, wordsOf });
  if (!context) return null;
  const options = context.options as RunContext["options"];
  const flags = inOwnWords(options, context.given);
  if (flags.last || flags.watch || flags.audit || flags.plan) return null;
  const run = { ...context, options };
  const outcome = await hotJourney(flags, (tasks) => runReporter(tasks, flags, run), run);
  if (outcome.kind === "told" || !outcome.known) return outcome;
  onStart();
  const { runKnown } = await import("../journeys/run-known.ts");
  const exit = await runKnown(flags, run, outcome);
  const way = outcome.known.dirt.outputs.size > 0 ? "restored" : "ran";
  return exit === null ? { ...outcome, known: null } : { kind: "told", exit, way };
}

/** `slipway run TASK` or `slipway TASK`. */
function wordsOf(words: readonly string[]): readonly string[] | null {
  const [first = "-", second = ""] = words;
  if (first === "run") return words.slice(1);
  const isOther =
    first.startsWith("-") || first === "help" || isCommand(first) || isCommand(`${first} ${second}`);
  return isOther ? null : words;
}

function isCommand(words: string): boolean {
  return commandNames.some((name) => name === words);
}
