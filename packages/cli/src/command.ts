import type { ExitStatus } from "@slipway/kernel";
import type { HotOutcome } from "./hot/hot-outcome.ts";
import type { Terminal } from "./terminal.ts";

/**
 * One command as data and one function. Help, docs/cli.md, parsing and the "did you mean" come from the data; name and
 * one-line summary stand in the table (commands/index.ts), so that listing them loads no command.
 */
export interface Command<O extends Options = Options> extends CommandWords<O> {
  /** Paragraphs below the usage line of `--help`. */
  readonly description?: readonly string[];
  readonly examples?: readonly { readonly line: string; readonly does: string }[];
  run(context: Context<O>): Promise<ExitStatus>;
}

/** What a command takes: all that its words are parsed by. */
export interface CommandWords<O extends Options = Options> {
  readonly positionals: readonly Positional[];
  readonly options: O;
  /** True: words after `--` are meant for somebody else and arrive in `rest`. */
  readonly rest?: boolean;
}

/** Keys are the flags' names without dashes: `{ "output-logs": … }` is `--output-logs`. */
export type Options = Readonly<Record<string, Option>>;

interface OptionBase {
  readonly summary: string;
  readonly short?: string;
  /** Environment variables that give the value when the flag does not, the first one set wins. */
  readonly env?: readonly string[];
  /** Not in the short help: flags of other tools that are understood, and switches for machines. */
  readonly hidden?: boolean;
  /** Known from another tool and not taken: the sentence that says what to do instead. */
  readonly instead?: string;
  /** Known from another tool and without effect: the reason, told when somebody gives it. */
  readonly ignored?: string;
}

/** `--name`, and `--no-name` for its opposite. */
export interface BooleanOption extends OptionBase {
  readonly type: "boolean";
  readonly default?: boolean;
}

export interface TextOption extends OptionBase {
  readonly type: "text";
  /** What the help calls the value: `REF`, `DIR`. */
  readonly value: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** The value of `--name` alone; a value then needs `=` (`--dry`, `--dry=json`). */
  readonly bare?: string;
  /** With `bare`: a next word that looks like this is the value all the same (`--parallel 3`). */
  readonly pattern?: RegExp;
  /** May be given several times. */
  readonly many?: boolean;
}

export interface NumberOption extends OptionBase {
  readonly type: "number";
  readonly value: string;
  readonly unit: string;
  readonly default?: number;
  readonly min?: number;
  readonly max?: number;
}

export type Option = BooleanOption | TextOption | NumberOption;

export interface Positional {
  readonly name: string;
  readonly summary: string;
  readonly optional?: boolean;
  /** Takes all words that are left; only the last may. */
  readonly many?: boolean;
}

export type ValueOf<O extends Option> = Option extends O
  ? boolean | number | string | readonly string[] | undefined
  : O extends { readonly type: "boolean" }
    ? boolean
    : O extends { readonly many: true }
      ? readonly string[]
      : O extends { readonly type: "number" }
        ? number | Absent<O>
        : string | Absent<O>;

type Absent<O> = O extends { readonly default: string | number } ? never : undefined;

export type Values<O extends Options> = { readonly [Name in keyof O]: ValueOf<O[Name]> };

/** What the process gives a command; a test gives its own. */
export interface Outside {
  /** Absolute; `-C` has been applied. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, and when nobody reads stdout any more. */
  readonly signal: AbortSignal;
  /** One piece of the answer, on stdout, with a newline at its end. */
  answer(text: string): void;
  /** One piece of the story, on stderr, with a newline at its end. */
  say(text: string): void;
  /** What was found out about these very words before the program was loaded; a test has nothing of the kind. */
  readonly early?: HotOutcome | null;
}

export interface Context<O extends Options = Options> extends Outside {
  readonly options: Values<O>;
  readonly positionals: readonly string[];
  /** The words after `--`. */
  readonly rest: readonly string[];
  /** Options that the caller gave (by flag or environment), as opposed to defaults. */
  readonly given: ReadonlySet<string>;
}

/** Gives `run` the exact types of the options beside it; the parser makes exactly those values. */
export function command<const O extends Options>(definition: Command<O>): Command {
  return definition;
}
