import { UserError } from "@slipway/kernel";
import type { Outside, Values } from "../command.ts";
import { affectedWords, type AffectedOptions } from "../flags/affected-words.ts";
import { takeGlobals } from "../globals.ts";
import { affectedEarly } from "./affected-early.ts";
import type { HotOutcome } from "./hot-outcome.ts";
import { typedEarly } from "./typed-early.ts";

/** Answers `slipway affected` from what was kept; null: the words have to be read again, by those who know more. */
export async function lookForAffected(argv: readonly string[], outside: Outside): Promise<HotOutcome | null> {
  const context = typedEarly(argv, outside, { name: "affected", command: affectedWords, wordsOf });
  if (!context) return null;
  const options = context.options as Values<AffectedOptions>;
  const isMore = context.positionals.length + options.targets.length > 0 || options["root-turbo-json"];
  if (isMore || options.head !== undefined) return null;
  const exit = await affectedEarly({ ...options, tasks: [] }, context);
  return exit === null ? null : { kind: "told", exit };
}

/** False: the word stands for something else, as in `slipway run affected`. */
export function isAffected(argv: readonly string[]): boolean {
  try {
    return wordsOf(takeGlobals(argv).words) !== null;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

function wordsOf([first, ...words]: readonly string[]): readonly string[] | null {
  return first === "affected" ? words : null;
}
