import { parseArgs } from "node:util";
import { didYouMean, UserError, type Problem } from "@slipway/kernel";
import type { CommandWords, Context, NumberOption, Option, Options, TextOption, ValueOf } from "./command.ts";

type Environment = Readonly<Record<string, string | undefined>>;
interface Parsed extends Pick<Context, "options" | "positionals" | "rest" | "given"> {
  /** Sentences about flags that were given and have no effect. */
  readonly notes: readonly string[];
}
type Value = ValueOf<Option> | readonly string[] | undefined;

export interface Typed {
  readonly words: readonly string[];
  readonly env: Environment;
}

interface Given {
  readonly flag: string;
  readonly value: string | boolean;
}

/** Turns words into the values that the command's options describe; throws one UserError with all that is wrong. */
export function parse(name: string, command: CommandWords, typed: Typed): Parsed {
  const { words, env } = typed;
  const { options } = command;
  const problems: Problem[] = [];
  const given = new Map<string, Given[]>();
  const positionals: string[] = [];
  const rest: string[] = [];
  let terminated = false;
  for (const token of tokensOf(words, options)) {
    if (token.kind === "option-terminator") terminated = true;
    else if (token.kind === "positional") (terminated && command.rest ? rest : positionals).push(token.value);
    else {
      const found = resolve(token, options);
      if (typeof found === "string") problems.push(unknownFlag(found, name, options));
      else if ("message" in found) problems.push(found);
      else if (options[found.option]?.instead) problems.push(notTaken(found, name, options));
      else given.set(found.option, [...(given.get(found.option) ?? []), found]);
    }
  }
  problems.push(...countProblems(name, command, positionals));
  const values: Record<string, Value> = {};
  for (const [key, option] of Object.entries(options)) {
    const fromFlags = given.get(key);
    const all = fromFlags ?? fromEnvironment(key, option, env);
    if (all.length > 0 && !fromFlags) given.set(key, all);
    values[key] = valueOf(option, all, problems);
  }
  if (problems.length > 0) throw UserError.of(problems);
  return { options: values, positionals, rest, given: new Set(given.keys()), notes: notesOf(given, options) };
}

function notesOf(given: ReadonlyMap<string, readonly Given[]>, options: Options): string[] {
  return [...given].flatMap(([name, [first]]) => {
    const because = options[name]?.ignored;
    return because && first ? [`${first.flag} has no effect: ${because}`] : [];
  });
}

function tokensOf(words: readonly string[], options: Options) {
  const config = Object.fromEntries(
    Object.entries(options).map(([key, option]) => [
      key,
      {
        type: takesNextWord(option) ? ("string" as const) : ("boolean" as const),
        ...(option.short === undefined ? {} : { short: option.short }),
      },
    ]),
  );
  const args = joined(
    words.map((word) => inKebabCase(word, options)),
    options,
  );
  return parseArgs({ args, options: config, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** nx takes `--skipNxCache` for `--skip-nx-cache`. */
function inKebabCase(word: string, options: Options): string {
  const [, name = "", value = ""] = /^--([a-z]+[A-Z][A-Za-z]*)(=.*)?$/s.exec(word) ?? [];
  const kebab = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return kebab in options ? `--${kebab}${value}` : word;
}

/** `--parallel 3` becomes `--parallel=3` where the option's value is optional and the next word looks like one. */
function joined(words: readonly string[], options: Options): string[] {
  const result: string[] = [];
  for (const word of words) {
    const before = result.at(-1) ?? "";
    const option = before.startsWith("--") ? options[before.slice(2)] : undefined;
    if (option?.type === "text" && option.pattern?.test(word))
      result[result.length - 1] = `${before}=${word}`;
    else result.push(word);
  }
  return result;
}

function takesNextWord(option: Option): boolean {
  return option.type === "number" || (option.type === "text" && option.bare === undefined);
}

type OptionToken = Extract<ReturnType<typeof tokensOf>[number], { kind: "option" }>;

/** The option that a token means, the flag's spelling when there is none, or what is wrong with its value. */
function resolve(
  token: OptionToken,
  options: Options,
): (Given & { readonly option: string }) | string | Problem {
  const flag = token.rawName;
  const option = options[token.name];
  if (!option) {
    const positive = token.name.startsWith("no-") ? token.name.slice(3) : "";
    if (options[positive]?.type !== "boolean") return flag;
    return { option: positive, flag, value: false };
  }
  if (option.type === "boolean") {
    const text = token.value;
    if (text === undefined || text === "true") return { option: token.name, flag, value: true };
    if (text === "false") return { option: token.name, flag, value: false };
    return bad(`${flag} takes no value, but got "${text}"`);
  }
  const value = token.value ?? (option.type === "text" ? option.bare : undefined);
  if (value === undefined) return bad(`${flag} needs a value: ${flag} ${option.value}`);
  return { option: token.name, flag, value };
}

function fromEnvironment(key: string, option: Option, env: Environment): Given[] {
  for (const name of option.env ?? []) {
    const text = env[name];
    if (text === undefined || text === "") continue;
    const value = option.type === "boolean" ? text !== "0" && text !== "false" : text;
    return [{ flag: `${name} (--${key})`, value }];
  }
  return [];
}

function valueOf(option: Option, given: readonly Given[], problems: Problem[]): Value {
  const last = given.at(-1);
  if (option.type === "boolean") return last === undefined ? (option.default ?? false) : last.value !== false;
  if (option.type === "number") return last === undefined ? option.default : numberOf(option, last, problems);
  for (const each of given) checkChoice(option, each, problems);
  if (option.many) return given.map((each) => String(each.value));
  return last === undefined ? option.default : String(last.value);
}

function numberOf(option: NumberOption, given: Given, problems: Problem[]): number {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = option;
  const number = Number(given.value);
  const fits =
    String(given.value).trim() !== "" && Number.isInteger(number) && number >= min && number <= max;
  if (!fits) {
    const range = option.max === undefined ? `${min} or more` : `${min} to ${max}`;
    problems.push(
      bad(`${given.flag} takes a whole number of ${option.unit}, ${range}; got "${given.value}"`),
    );
  }
  return number;
}

function checkChoice(option: TextOption, given: Given, problems: Problem[]): void {
  const { choices } = option;
  const value = String(given.value);
  if (!choices || choices.includes(value)) return;
  const guess = didYouMean(value, choices);
  problems.push(
    bad(
      `${given.flag} is one of ${choices.join(", ")}; got "${value}"`,
      guess && `did you mean \`${given.flag}=${guess}\`?`,
    ),
  );
}

function countProblems(name: string, command: CommandWords, words: readonly string[]): Problem[] {
  const { positionals } = command;
  const usage = `see \`slipway ${name} --help\``;
  const missing = positionals.slice(words.length).filter((each) => !each.optional);
  if (missing.length > 0)
    return [bad(`${name} needs ${missing.map((each) => each.name).join(" and ")}`, usage)];
  const extra = positionals.at(-1)?.many ? [] : words.slice(positionals.length);
  if (extra.length > 0) return [bad(`${name} does not know what to do with "${extra.join(" ")}"`, usage)];
  return [];
}

function unknownFlag(flag: string, name: string, options: Options): Problem {
  const flags = Object.keys(options).flatMap((key) => [`--${key}`, `--no-${key}`]);
  const guess = didYouMean(flag, [...flags, "--help", "--cwd"]);
  return {
    code: "cli/unknown-flag",
    message: `${name} has no flag ${flag}`,
    hint: guess ? `did you mean ${guess}?` : `see \`slipway ${name} --help\``,
  };
}

function notTaken(
  { option, flag }: { option: string; flag: string },
  name: string,
  options: Options,
): Problem {
  const hint = options[option]?.instead;
  return { code: "cli/unknown-flag", message: `${name} does not take ${flag}`, ...(hint ? { hint } : {}) };
}

function bad(message: string, hint?: string): Problem {
  return { code: "cli/bad-argument", message, ...(hint ? { hint } : {}) };
}
