/** A line of nx:run-commands before arguments are put into it. */
export interface CommandTemplate {
  readonly text: string;
  /** True: arguments go to its end where it has no place for them. */
  readonly forwards: boolean;
}

export interface CommandArguments {
  /** What options say, by name. */
  readonly values: Readonly<Record<string, string>>;
  /** The same as it is written behind a command, `args` last. */
  readonly tail: readonly string[];
}

/**
 * Lines with their arguments: `{args.x}` takes what was typed, else what options say, else what stands behind `??`;
 * `{args}` takes all of it.
 *
 * @param typed what stood after `--`, each word as a shell takes it
 */
export function filledCommand(
  { text, forwards }: CommandTemplate,
  { values, tail }: CommandArguments,
  typed: readonly string[],
): string {
  if (text.includes("{args.")) {
    const all = new Map([...Object.entries(values), ...parsedArguments(typed.join(" "))]);
    return text.replaceAll(/\{args\.([^{}]*)\}/g, (_, inner: string) => tokenValue(`args.${inner}`, all));
  }
  const words = [...tail, ...typed];
  if (text.includes("{args}")) return text.replaceAll("{args}", words.join(" "));
  return forwards ? [text, ...words].join(" ") : text;
}

/** The first of `args.a ?? args.b ?? default` that is there; source: nx 24, tasks-runner/tokens. */
function tokenValue(token: string, values: ReadonlyMap<string, string>): string {
  for (const part of token.split("??").map((each) => each.trim())) {
    if (!part.startsWith("args.")) return part;
    const value = values.get(part.slice("args.".length));
    if (value) return value;
  }
  return "";
}

/** `--a=1 --b 2 --c` -> a: 1, b: 2, c: true. */
export function parsedArguments(args: string): readonly (readonly [string, string])[] {
  const found = args.matchAll(/--([\w.-]+)(?:=|\s+(?!--))?("[^"]*"|'[^']*'|[^\s"']+)?/g);
  return [...found].map(([, name = "", value]) => [name, value?.replaceAll(/["']/g, "") ?? "true"] as const);
}
