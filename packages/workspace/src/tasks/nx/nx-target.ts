import { isRecord } from "@slipway/kernel";

export type Config = Readonly<Record<string, unknown>>;

/** A target of a project with the place of each of its fields (`project.json:12`). */
export interface NxTarget {
  readonly config: Config;
  readonly sources: Readonly<Record<string, string>>;
}

/** In an object or array it stands for what a lower layer said. */
const spread = "...";

/** `command` is short for nx:run-commands. */
export function withoutSugar(config: Config): Config {
  const { command, ...rest } = config;
  if (typeof command !== "string" || command === "" || rest["executor"] !== undefined) return config;
  const options = isRecord(rest["options"]) ? rest["options"] : {};
  return { ...rest, executor: "nx:run-commands", options: { ...options, command } };
}

/**
 * Merges a target over a lower layer: its fields win, `options` and `configurations` merge key by key. A target that
 * runs something else replaces the lower layer as a whole.
 */
export function mergeTargets(base: NxTarget | null, next: NxTarget): NxTarget {
  if (!base || !areCompatible(base.config, next.config)) {
    return { config: resolved(next.config) as Config, sources: next.sources };
  }
  const config: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  const yielding = keysBeforeSpread(next.config);
  for (const key of new Set([...Object.keys(base.config), ...Object.keys(next.config)])) {
    if (key === spread) continue;
    const baseWins =
      !Object.hasOwn(next.config, key) || (yielding.has(key) && Object.hasOwn(base.config, key));
    const source = (baseWins ? base : next).sources[key];
    if (source !== undefined) sources[key] = source;
    config[key] = baseWins ? base.config[key] : mergedField(key, base.config[key], next.config[key]);
  }
  return { config, sources };
}

function mergedField(key: string, base: unknown, next: unknown): unknown {
  if (key === "options") return mergedOptions(base, next);
  if (key !== "configurations" || !isRecord(next)) return mergedValue(base, next);
  const merged: Record<string, unknown> = isRecord(base) ? { ...base } : {};
  const yielding = keysBeforeSpread(next);
  for (const [name, configuration] of Object.entries(next)) {
    if (name === spread || (yielding.has(name) && Object.hasOwn(merged, name))) continue;
    merged[name] = mergedOptions(merged[name], configuration);
  }
  return merged;
}

function mergedOptions(base: unknown, next: unknown): unknown {
  if (!isRecord(next)) return next ?? base;
  if (next[spread] === true) return mergedValue(base, next);
  const merged: Record<string, unknown> = isRecord(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(next)) merged[key] = mergedValue(merged[key], value);
  return merged;
}

/** The next value; where it holds the spread token, with the base's in its place. */
function mergedValue(base: unknown, next: unknown): unknown {
  if (next === undefined) return base;
  if (Array.isArray(next) && next.includes(spread)) {
    return next.flatMap((item: unknown) =>
      item !== spread ? [item] : Array.isArray(base) ? (base as unknown[]) : [],
    );
  }
  if (!isRecord(next) || next[spread] !== true) return next;
  const merged: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(next)) {
    if (key !== spread) merged[key] = mergedValue(undefined, value);
    else if (isRecord(base)) Object.assign(merged, base);
  }
  return merged;
}

/** A lowest layer has nothing to spread. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== spread);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== spread)
      .map(([key, item]) => [key, resolved(item)]),
  );
}

function keysBeforeSpread(config: Config): ReadonlySet<string> {
  const keys = Object.keys(config);
  return new Set(keys.slice(0, Math.max(0, keys.indexOf(spread))));
}

/** Whether two layers can speak of the same work: neither names an executor, or both name the same with the same command. */
export function areCompatible(a: Config, b: Config): boolean {
  const executor = a["executor"];
  if (!executor || !b["executor"]) return true;
  if (executor !== b["executor"]) return false;
  const identities = [identity(a), identity(b)];
  return identities.includes(null) || identities[0] === identities[1];
}

/** What a target of nx's own executors runs; null when this layer does not say. */
function identity({ executor, options }: Config): string | null {
  if (!isRecord(options)) return null;
  if (executor === "nx:run-commands") {
    const { command, commands } = options as { command?: unknown; commands?: unknown };
    const text = command ?? (Array.isArray(commands) ? commands.map(commandText).join(" && ") : null);
    return text === null || text === undefined ? null : JSON.stringify(text);
  }
  if (executor === "nx:run-script") return typeof options["script"] === "string" ? options["script"] : null;
  return null;
}

function commandText(command: unknown): string {
  return isRecord(command) ? String(command["command"]) : String(command);
}
