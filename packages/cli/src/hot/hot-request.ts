import { hash } from "node:crypto";
import { findGitDirs, MachineKey } from "@slipway/host/hot";
import { countedValues } from "@slipway/run/hot";
import { trustDomainOf } from "../wire/trust-domain.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** All of the words that decide which tasks run and how: what a hot state is kept under. */
export interface HotRequest {
  /** Absolute directory in which the words were typed. */
  readonly cwd: string;
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly rest: readonly string[];
}

export interface HotPlace {
  /** Absolute path of the state. */
  readonly file: string;
  /** What the state says of variables it says with this key. */
  readonly key: Pick<MachineKey, "digest">;
}

/** Where the hot state of a request is kept; null where there is no git repository to keep it in. */
export function hotPlaceOf({ cwd, words, options, rest }: HotRequest): HotPlace | null {
  const dirs = findGitDirs(cwd);
  if (!dirs) return null;
  const name = hash("sha256", JSON.stringify([cwd, words, options, rest]), "hex").slice(0, 32);
  const home = `${dirs.commonDir}/slipway`;
  return { file: `${home}/hot/${name}`, key: new MachineKey(`${home}/key`) };
}

/**
 * False: such a run has to look at more than its files (what git says has changed), or to do more than to run (show a
 * plan, write a trace), or must not use what it knows.
 */
export function mayBeHot({ options }: HotRequest): boolean {
  const more = ["force", "plan", "affected", "last", "summary", "trace", "otlp", "graph", "dry"];
  if (more.some((name) => options[name] !== undefined && options[name] !== false)) return false;
  // `[main]` in a filter asks git what has changed since.
  if (
    JSON.stringify(options["filter"] ?? [])
      .slice(1, -1)
      .includes("[")
  )
    return false;
  const { cache } = options;
  return typeof cache !== "string" || /\blocal:[rw]*r/.test(cache);
}

/** The digest of the variables that count for the tasks of a run. */
export function countedDigest(env: Environment, patterns: readonly string[], key: HotPlace["key"]): string {
  return digestOf(Object.entries(countedValues(defined(env), patterns)), key);
}

const heeded =
  /^(?:SLIPWAY_|TURBO_|NX_|p?npm_config_|XDG_|GIT_|HOME$|CI$|CI_COMMIT_REF|CI_MERGE_REQUEST|GITLAB_CI$|GITHUB_(?:ACTIONS|EVENT_NAME|REF|REF_PROTECTED)$)/i;

/** The digest of the variables that Slipway itself, git or the package managers' settings heed, and of the trust domain. */
export function ownDigest(env: Environment, key: HotPlace["key"]): string {
  const own = Object.entries(defined(env)).filter(([name]) => heeded.test(name));
  return digestOf([...own, ["trust domain", trustDomainOf(env)]], key);
}

function digestOf(values: readonly (readonly [string, string | null])[], key: HotPlace["key"]): string {
  return key.digest(JSON.stringify(values.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

export function defined(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
