import { systemEnv } from "@slipway/workspace";

/** Names and patterns: `*` stands for any text, `\*` for a star, a leading `!` takes names out again. */
export function matchNames(names: Iterable<string>, patterns: readonly string[]): string[] {
  return patterns.length === 0 ? [] : [...names].filter(nameMatcher(patterns));
}

/** The same, for who has many lists of names. */
export function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const isWanted = matcher(patterns.filter((pattern) => !pattern.startsWith("!")));
  const unwanted = patterns.filter((pattern) => pattern.startsWith("!")).map((each) => each.slice(1));
  const isUnwanted = matcher(unwanted);
  return (name) => isWanted(name) && !isUnwanted(name);
}

function matcher(patterns: readonly string[]): (name: string) => boolean {
  const plain = new Set(patterns.filter((pattern) => !/[*\\]/.test(pattern)));
  const wild = patterns.filter((pattern) => !plain.has(pattern)).map(expression);
  return (name) => plain.has(name) || wild.some((one) => one.test(name));
}

/** The same few patterns are asked about for every task. */
const expressions = new Map<string, RegExp>();

function expression(pattern: string): RegExp {
  const known = expressions.get(pattern) ?? compiled(pattern);
  expressions.set(pattern, known);
  return known;
}

function compiled(pattern: string): RegExp {
  const source = pattern.replaceAll(/\\\*|\*|[\\^$.+?()[\]{}|]/g, (part) =>
    part === "*" ? ".*" : part === "\\*" ? "\\*" : `\\${part}`,
  );
  return new RegExp(`^${source}$`);
}

/** The values of these names and patterns; a name that is not set counts as null, so that setting it is a change. */
export function countedValues(
  env: Readonly<Record<string, string>>,
  patterns: readonly string[],
): Record<string, string | null> {
  const plain = patterns.filter((pattern) => !/[*!\\]/.test(pattern));
  const found = matchNames(Object.keys(env), patterns);
  const dropped = new Set(
    matchNames(
      plain,
      patterns.filter((each) => each.startsWith("!")).map((each) => each.slice(1)),
    ),
  );
  const names = [...new Set([...plain.filter((name) => !dropped.has(name)), ...found])].toSorted();
  return Object.fromEntries(names.map((name) => [name, env[name] ?? null]));
}

export interface EnvironmentRules {
  readonly mode: "strict" | "loose" | "filtered";
  /** Names and patterns that the task declares, counted or not. */
  readonly declared: readonly string[];
}

/** What a task sees of the caller's environment. */
export function taskEnvironment(
  env: Readonly<Record<string, string>>,
  rules: EnvironmentRules,
): Readonly<Record<string, string>> {
  // Most tasks of a run declare the same.
  const known = seenBy.get(env) ?? new Map<string, Readonly<Record<string, string>>>();
  seenBy.set(env, known);
  const key = JSON.stringify(rules);
  const seen = known.get(key) ?? visible(env, rules);
  known.set(key, seen);
  return seen;
}

const seenBy = new WeakMap<Readonly<Record<string, string>>, Map<string, Readonly<Record<string, string>>>>();

function visible(
  env: Readonly<Record<string, string>>,
  { mode, declared }: EnvironmentRules,
): Readonly<Record<string, string>> {
  const names = Object.keys(env);
  const seen =
    mode === "loose"
      ? names
      : mode === "strict"
        ? matchNames(names, [...systemEnv, ...declared])
        : [...names.filter((name) => !looksSecret(name)), ...matchNames(names.filter(looksSecret), declared)];
  return Object.fromEntries(
    seen.filter((name) => !ownNames.has(name)).map((name) => [name, env[name] ?? ""]),
  );
}

/** A name of the system, a terminal or a CI: every task sees it, and most of what it says stands in any log. */
export function isSystemName(name: string): boolean {
  return isOfSystem(name);
}

const isOfSystem = matcher(systemEnv);

/** Settings of Slipway itself: a task that could see them would depend on them. */
const ownNames = new Set(["SLIPWAY_CACHE_DIR", "SLIPWAY_REMOTE_CACHE", "SLIPWAY_REMOTE_CACHE_TOKEN"]);

/** A name that usually carries something which must not leak: `NPM_TOKEN`, `AWS_SECRET_ACCESS_KEY`, `npm_config__auth`. */
export function looksSecret(name: string): boolean {
  let does = secretNames.get(name);
  if (does === undefined) secretNames.set(name, (does = secretName.test(name) && !harmless.has(name)));
  return does;
}

/** The same names are asked about for every task. */
const secretNames = new Map<string, boolean>();

const secretName =
  /(?:^|[_:/-])(?:\w*token|secret|passw(?:or)?d|passphrase|credentials?|private_?key|api_?key|access_?key|signing_?key|encryption_?key|_?auth(?:token)?|pat|jwt|cookie)(?:[_:-]|$)/i;

const harmless = new Set(["SSH_AUTH_SOCK", "GIT_ASKPASS", "SSH_ASKPASS"]);
